"""Facts: what rules read beyond what a turn has loaded, fetched once for a whole party before it is judged."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from journey_engine.model.customer import Customer
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.needs import Needs
from journey_engine.model.standing import Entered, SentMessage, Standing
from journey_engine.model.visitor import Visitor
from journey_engine.model.zone import said_zone

if TYPE_CHECKING:  # the scene asks for facts
    from journey_engine.pipeline.scene import Scene, World


def know_facts(scene: "Scene", visitors: Sequence[Visitor], needs: Needs) -> None:
    """Have at hand what a node's rules read of its visitors."""
    customers = [visitor.customer for visitor in visitors]
    know_customers(scene, customers, needs)
    if needs.nodes:
        _know_nodes(scene, visitors, needs.nodes)
    if needs.zone:
        know_numbers(scene.world, customers)


def know_customers(scene: "Scene", customers: Sequence[Customer], needs: Needs) -> None:
    """Have at hand what rules read of these customers, what changed in this turn included."""
    if needs.history:
        scene.know_history(customers, needs.history)
    know_standing(scene.world, customers, needs)
    if needs.journeys:
        _know_this_turn(scene, customers, needs.journeys)
    if needs.segments and scene.memberships:
        for customer in customers:
            for id, state in scene.memberships.get(customer.id, {}).items():
                own = customer.standing.segments
                (own.add if state.member else own.discard)(str(id))


def know_numbers(world: "World", customers: Iterable[Customer]) -> None:
    """Have the numbers at hand of those whose attributes do not say in which zone they live."""
    asking = {one.id: one for one in customers if one.phone is None and said_zone(one.attributes) is None}
    numbers = world.addresses(list(asking), "phone") if asking else {}
    for id, customer in asking.items():
        customer.phone = numbers.get(id, "")


def know_standing(world: "World", customers: Iterable[Customer], needs: Needs) -> None:
    """Have at hand where these customers stand, as far as it is read and not known yet."""
    if not (needs.consents or needs.segments or needs.messages or needs.journeys):
        return
    by_id = {customer.id: customer for customer in customers}
    for customer in by_id.values():
        customer.standing = customer.standing or Standing()
    if needs.consents and (ids := _unknown(by_id, {"consents"})):
        for id, channel, topic, state in world.consents(ids):
            by_id[id].standing.consents[(channel, topic)] = state
    if needs.segments and (ids := _unknown(by_id, needs.segments)):
        for id, segment in world.memberships(ids, sorted(needs.segments)):
            by_id[id].standing.segments.add(str(segment))
    if needs.messages and (ids := _unknown(by_id, {"messages"})):
        _know_messages(world, by_id, ids)
    if needs.journeys and (ids := _unknown(by_id, needs.journeys)):
        for id, enrollment, journey, live, nodes in world.entered(ids, sorted(needs.journeys)):
            by_id[id].standing.entries[enrollment] = Entered(str(journey), live, set(nodes))


def _unknown(by_id: dict[UUID, Customer], parts: set[str]) -> list[UUID]:
    """Those of whom not all of this was fetched; it is from now on."""
    asking = [id for id, customer in by_id.items() if not parts <= customer.standing.fetched]
    for id in asking:
        by_id[id].standing.fetched |= parts
    return asking


def _know_messages(world: "World", by_id: dict[UUID, Customer], ids: list[UUID]) -> None:
    found: dict[UUID, SentMessage] = {}
    for id, message_id, journey, node, channel, sent_at, kind, at in world.messages(ids):
        message = found.get(message_id)
        if message is None:
            message = found[message_id] = SentMessage(str(journey), node, channel, sent_at, {})
            by_id[id].standing.messages.append(message)
        if kind is not None:
            message.receipts[kind] = at


def _know_this_turn(scene: "Scene", customers: Sequence[Customer], journeys: set[str]) -> None:
    """Entries, ends and visits that are not written yet."""
    walked: dict[UUID, set[str]] = {}
    for row in scene.paths:
        walked.setdefault(row.enrollment.id, set()).update(visit["node"] for visit in row.path)
    for customer in customers:
        for enrollment in customer.live:
            if enrollment.entered_at is None or str(enrollment.journey_id) not in journeys:
                continue
            entry = customer.standing.entries.setdefault(enrollment.id, Entered(str(enrollment.journey_id), True))
            entry.live = enrollment.live
            entry.nodes |= walked.get(enrollment.id, set())


def _know_nodes(scene: "Scene", visitors: Sequence[Visitor], nodes: set[str]) -> None:
    """Since when the visitors' own enrollments are past these nodes; what they passed in this turn they passed now."""
    asking: dict[UUID, Enrollment] = {v.enrollment.id: v.enrollment for v in visitors if v.enrollment.reached is None}
    stored = [id for id, enrollment in asking.items() if enrollment.stored]
    for enrollment in asking.values():
        enrollment.reached = {}
    for id, node, at in scene.world.reached(stored, sorted(nodes)) if stored else ():
        asking[id].reached[node] = at
    for row in scene.paths:
        if row.enrollment.reached is not None:
            _pass(scene, row.enrollment, row.path, nodes)
    for visitor in visitors:
        _pass(scene, visitor.enrollment, visitor.path, nodes)


def _pass(scene: "Scene", enrollment: Enrollment, path: list, nodes: set[str]) -> None:
    for visit in path:
        if visit["node"] in nodes:
            enrollment.reached[visit["node"]] = scene.now
