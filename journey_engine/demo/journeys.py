"""The demo shop's three journeys: playbooks with seconds for hours, made and published through the API.

They are known again by the id of their trigger, so one that was renamed, changed or stopped is left as it is.
"""

import math
from typing import Any

from journey_engine import playbooks
from journey_engine.demo.goods import SHOP, SIGNATURE, SITE
from journey_engine.door import Door
from journey_engine.model.duration import Duration

SHOWN = ("abandoned_cart", "unused_coupon", "welcome")

HOURS_PER_SECOND = 4 / 60
"""Four minutes of a playbook pass in one second of the demo: two hours become thirty seconds …"""

SHORTEST_S, LONGEST_S = 15, 60
"""… but nobody looks at a canvas longer than a minute."""

PAGE = 200

CODES, STRIDE = 2_000, 611_953
"""Codes of a coupon pool, drawn so that no two are alike and none follows from the last."""


def open_journeys(door: Door, language: str) -> tuple[str, list[str]]:
    """Have the three journeys live: the language they speak, and the names of those that were made now.

    Journeys that are there already keep their language, and the shop follows them.
    """
    known = _known(door)
    language = next((one for one in playbooks.LANGUAGES if _own_ids(one) & known.keys()), language)
    made = []
    for playbook in map(playbooks.kept, SHOWN):
        graph = hurried(playbook["id"], language)
        journey = known.get(graph["nodes"][0]["id"])
        if journey is None:
            graph = hurried(playbook["id"], language, _provide(door, playbook["needs"], language))
            name = playbook["name"][language]
            journey = door.post("/api/v1/journeys", {"name": name, "graph": graph})
            made.append(name)
        if journey["status"] == "draft":
            _publish(door, journey["id"])
    return language, made


def _own_ids(language: str) -> set[str]:
    return {_own_id(playbook["graph"]["nodes"][0]["id"], language) for playbook in map(playbooks.kept, SHOWN)}


def _own_id(trigger_id: str, language: str) -> str:
    return f"demo_{language}_{trigger_id}"


def _provide(door: Door, needs: list[dict[str, Any]], language: str) -> dict[str, str]:
    """The ids of the coupon pools that a playbook needs; a pool that is not there is made, with codes in it."""
    pools = {pool["name"]: pool["id"] for pool in door.get(f"/api/v1/coupon-pools?limit={PAGE}")["items"]}
    provided = {}
    for need in needs:
        name = need["name"][language]
        if name not in pools:
            pools[name] = door.post("/api/v1/coupon-pools", {"name": name})["id"]
            codes = [f"BACK-{number * STRIDE % 16**5:05X}" for number in range(1, CODES + 1)]
            door.post(f"/api/v1/coupon-pools/{pools[name]}/codes", {"codes": codes})
        provided[need["id"]] = pools[name]
    return provided


def hurried(id: str, language: str, needs: dict[str, str] | None = None) -> dict[str, Any]:
    """The playbook for the demo: short waits, the shop's names, and a trigger by which the journey is known again."""
    graph = _shortened(playbooks.load(id, language, getattr(SHOP, language), SITE, needs))
    trigger = graph["nodes"][0]
    own_id = _own_id(trigger["id"], language)
    for edge in graph["edges"]:
        if edge["from"] == trigger["id"]:
            edge["from"] = own_id
    trigger["id"] = own_id
    for node in graph["nodes"]:
        if node["kind"] == "send_sms":
            node["settings"]["sign_name"] = getattr(SIGNATURE, language)
        elif node["kind"] == "send_email":
            node["settings"]["from_name"] = getattr(SHOP, language)
    return graph


def _shortened(value: Any) -> Any:
    """The value with every duration in it made short."""
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"amount", "unit"}:
        seconds = Duration.parse(value).span.total_seconds() / 3600 / HOURS_PER_SECOND
        return {"amount": math.ceil(min(max(seconds, SHORTEST_S), LONGEST_S)), "unit": "seconds"}
    return {key: _shortened(one) for key, one in value.items()}


def _known(door: Door) -> dict[str, dict[str, Any]]:
    """The journeys that are there, by the id of each of their nodes."""
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        page = door.get(f"/api/v1/journeys?limit={PAGE}" + (f"&cursor={cursor}" if cursor else ""))
        for journey in page["items"]:
            for node in journey["graph"]["nodes"]:
                found.setdefault(node["id"], journey)
        cursor = page["next"]
        if not cursor:
            return found


def _publish(door: Door, journey_id: str) -> None:
    journey = door.get(f"/api/v1/journeys/{journey_id}")
    door.post(f"/api/v1/journeys/{journey_id}/publish", {"revision": journey["draft"]["revision"]})
