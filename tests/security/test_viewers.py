"""A viewer looks at what happens, and learns nobody's address by it."""

from journey_engine.pipeline.turn import turn


def test_a_viewer_reads_no_whole_address_in_events_and_among_those_who_entered(shop, engine, waiting):
    journey = shop.live(waiting)
    traits = {"email": "ann@mail.example", "phone": "+8613800138000"}
    shop.tell(name="Customer Updated", customer={"email": "ann@mail.example"}, properties=traits)
    event = shop.tell(name="Cart", customer={"email": "ann@mail.example"}, properties={"email": "ann@mail.example"})
    turn(engine)

    def seen(role):
        addresses = ("events", f"events/{event}", f"journeys/{journey}/enrollments")
        return [str(shop.client(role).get(f"/api/v1/{address}").json) for address in addresses]

    assert all("ann@mail.example" in one for one in seen("marketer"))
    assert not any("ann@mail" in one or "+8613800138000" in one for one in seen("viewer"))
    assert all("a***@mail.example" in one for one in seen("viewer"))
