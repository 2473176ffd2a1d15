"""Random small journeys under random traffic: whatever happens, paths are legal and numbers add up."""

import random
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from journey_engine.pipeline.turn import turn
from tests.support.shop import HOOK, SMS, Shop, graph, minutes

EVENTS = ("Product Added", "Order Completed", "Product Viewed", "Customer Updated")
PEOPLE = ("ann", "bob", "cat", "dan")

triggers = st.one_of(
    st.builds(
        lambda e, k: ("event", {"event": e, "key": k}), st.sampled_from(EVENTS[:3]), st.sampled_from(["", "cart"])
    ),
    st.builds(
        lambda m, k, r: (
            "absence",
            {"event": EVENTS[0], "not_events": [EVENTS[1]], "within": minutes(m), "key": k, "restart": r},
        ),
        st.integers(1, 40),
        st.sampled_from(["", "cart"]),
        st.booleans(),
    ),
)
DID = {"event": EVENTS[1], "did": True, "since": "entry"}
nodes = st.one_of(
    st.builds(lambda m: ("wait", {"duration": minutes(m)}), st.integers(1, 60)),
    st.builds(
        lambda m: ("wait_until_event", {"events": [{"id": "x", "event": EVENTS[1]}], "timeout": minutes(m)}),
        st.integers(1, 60),
    ),
    st.sampled_from(
        [("condition", {"rule": {"attribute": "vip", "op": "is", "value": 1}}), ("condition", {"rule": DID})]
    ),
    st.sampled_from([SMS, HOOK, ("random_split", {"arms": [{"id": "a"}, {"id": "b"}]}), ("exit", {})]),
    st.just(("update_customer", {"changes": [{"attribute": "vip", "action": "increment", "value": 1}]})),
)
journeys = st.fixed_dictionaries(
    {
        "trigger": triggers,
        "nodes": st.lists(nodes, min_size=1, max_size=5),
        "policy": st.sampled_from(["never", "after_end", "one_per_key"]),
        "exits": st.lists(st.just({"event": EVENTS[2], "same_key": False}), max_size=1),
    }
)
EXITS = {"condition": ("yes", "no"), "wait_until_event": ("x", "timeout"), "random_split": ("a", "b"), "exit": ()}


def draw_graph(drawn, choice):
    """Every exit leads to some later node, or to the end, so that there is no cycle and nobody is stranded."""
    ids = [f"n{i}" for i in range(len(drawn["nodes"]))]
    placed = {"start": drawn["trigger"], **dict(zip(ids, drawn["nodes"], strict=True)), "end": ("exit", {})}
    edges = ["start > n0"]
    for place, (id, (kind, _)) in enumerate(zip(ids, drawn["nodes"], strict=True)):
        for exit in EXITS.get(kind, ("next",)):
            edges.append(f"{id}:{exit} > {choice.choice([*ids[place + 1 :], 'end'])}")
    document = graph(placed, edges, reentry={"policy": drawn["policy"]}, exit_events=drawn["exits"])
    return reachable(document)


def reachable(document):
    seen, queue = {"start"}, ["start"]
    while queue:
        here = queue.pop()
        for edge in document["edges"]:
            if edge["from"] == here and edge["to"] not in seen:
                seen.add(edge["to"])
                queue.append(edge["to"])
    document["nodes"] = [node for node in document["nodes"] if node["id"] in seen]
    document["edges"] = [edge for edge in document["edges"] if edge["from"] in seen]
    return document


@pytest.fixture(scope="module")
def shared_url(postgres, migrated_template):
    from tests.support.database import address, run, with_driver

    name = f"test_{uuid4().hex[:12]}"
    run(postgres, f"CREATE DATABASE {name} TEMPLATE {migrated_template} STRATEGY FILE_COPY")
    return with_driver(address(postgres, name))


@given(drawn=st.lists(journeys, min_size=1, max_size=2), seed=st.integers(0, 1 << 30))
@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_whatever_happens_paths_are_legal_and_numbers_add_up(shared_url, drawn, seed):
    choice, shop = random.Random(seed), Shop(shared_url)
    documents = {}
    for one in drawn:
        document = draw_graph(one, choice)
        documents[shop.publish(document)] = document
    for _ in range(50):
        live_a_moment(shop, choice, list(documents))
    for journey in documents:
        shop.resume(journey)
    shop.wait(hours=10)
    shop.work()
    for journey, document in documents.items():
        check(shop, journey, document)
    assert not shop.one("SELECT count(*) FROM inbox WHERE workspace_id = :w", w=shop.workspace)


def live_a_moment(shop, choice, journeys):
    roll = choice.random()
    if roll < 0.6:
        who, name = choice.choice(PEOPLE), choice.choice(EVENTS)
        at = shop.now - timedelta(minutes=choice.choice([0, 0, 0, 5, 30]))
        shop.tell(who, name, at=at, cart=choice.randint(1, 2), **({"vip": 1} if name == EVENTS[3] else {}))
    elif roll < 0.75:
        shop.wait(minutes=choice.randint(1, 30))
    elif roll < 0.78:
        one, other = choice.sample(PEOPLE, 2)
        shop.tell({"external_id": one, "anonymous_id": f"{other}'s"}, EVENTS[2])
    elif roll < 0.8:
        shop.pause(choice.choice(journeys))
    elif roll < 0.84:
        shop.resume(choice.choice(journeys))
    else:
        turn(shop.engine, shop.now, batch=choice.choice([1, 3, 1000]))


def check(shop, journey, document):
    """The invariants: conservation, legal paths, one message per visit, no two inside who must not be."""
    enrollments = shop.rows("SELECT * FROM enrollments WHERE journey_id = :id", id=journey)
    counts = shop.counts(journey)
    totals, entered = counts["totals"], [e for e in enrollments if e.entered_at]
    assert totals["entered"] == len(entered)
    assert totals["entered"] == sum(totals[s] for s in ("waiting", "completed", "exited", "failed"))
    assert totals["armed"] == sum(e.status == "armed" for e in enrollments) == 0
    for status in ("waiting", "completed", "exited", "failed"):
        assert totals[status] == sum(e.status == status for e in entered), status
    edges = {(edge["from"], edge["exit"]): edge["to"] for edge in document["edges"]}
    for enrollment in enrollments:
        walk_is_legal(shop, enrollment, edges)
    for node, numbers in counts["nodes"].items():
        assert numbers["waiting"] == sum(e.status == "waiting" and e.node_id == node for e in enrollments)
    if not shop.one("SELECT count(*) FROM merges WHERE workspace_id = :w", w=shop.workspace):
        nobody_twice_inside(entered, document["settings"]["reentry"]["policy"])


def walk_is_legal(shop, enrollment, edges):
    rows = shop.rows("SELECT n, path FROM visits WHERE enrollment_id = :id ORDER BY n", id=enrollment.id)
    visits = [visit for row in rows for visit in row.path]
    assert [visit["n"] for visit in visits] == list(range(1, len(visits) + 1))
    for here, there in pairwise(visits):
        if here["exit"] is None:
            assert there["node"] == here["node"]
        else:
            assert there["node"] == edges.get((here["node"], here["exit"]), edges.get((here["node"], "next")))
    queued = [m for m in shop.messages() if m.enrollment_id == enrollment.id]
    said = [visit["reason"]["message_id"] for visit in visits if visit["reason"]["why"] == "sent"]
    assert sorted(said) == sorted(str(message.id) for message in queued)


def nobody_twice_inside(entered, policy):
    inside = {}
    # a turn may end one and let the same customer in again
    for one in sorted(entered, key=lambda e: (e.entered_at, e.ended_at is None, e.ended_at or e.entered_at)):
        who = (one.customer_id, one.key if policy == "one_per_key" else "")
        before = inside.get(who)
        if before is not None:
            assert policy != "never", "entered again"
            assert before.ended_at is not None and before.ended_at <= one.entered_at, "entered while inside"
        inside[who] = one
