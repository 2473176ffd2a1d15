"""The journeys of a server, found by name or id, read and written through its API."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from journey_engine.as_code.files import JourneyFile
from journey_engine.console import CannotStart
from journey_engine.door import Door
from journey_engine.text import Text

PAGE = 100
LISTS = {"segment": "segments", "coupon_pool": "coupon-pools", "journey": "journeys", "account": "accounts"}
"""What an id in a journey's settings may mean, and where the API lists it."""

SEVERAL = Text(
    "There are {n} journeys named {name!r}; give the id of one: {ids}.",
    "有 {n} 个名为 {name!r} 的旅程，请给出其中一个的 id：{ids}。",
)
NONE = Text("There is no journey {name!r} there.", "服务器上没有旅程 {name!r}。")
UNKNOWN = Text(
    "The file means the {type} {name!r}, which is not there. Make it first, or choose another one in the file.",
    "文件引用的{type}“{name}”在服务器上不存在。请先创建它，或在文件中改用其他对象。",
)


class Server:
    """One server. What it lists is asked for once."""

    def __init__(self, door: Door):
        self.door = door
        self.known: dict[str, list[dict[str, Any]]] = {}

    def listed(self, type: str) -> list[dict[str, Any]]:
        """Everything of a type, each with its `id` and `name`."""
        if type not in self.known:
            self.known[type] = list(self._pages(f"/api/v1/{LISTS[type]}"))
        return self.known[type]

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            query = {"limit": PAGE, **({"cursor": cursor} if cursor else {})}
            answer = self.door.get(f"{path}?{urlencode(query)}")
            yield from answer["items"]
            cursor = answer.get("next") or ""
            if not cursor:
                return

    def find(self, wanted: str) -> dict[str, Any] | None:
        """The journey of this name or id; None when there is none. Raises CannotStart when several have the name."""
        found = [one for one in self.listed("journey") if wanted in (one["id"], one["name"])]
        found = [one for one in found if one["status"] != "archived"] or found
        if len(found) > 1:
            ids = ", ".join(one["id"] for one in found)
            raise CannotStart(SEVERAL, n=len(found), name=wanted, ids=ids)
        return self.door.get(f"/api/v1/journeys/{found[0]['id']}") if found else None

    def get(self, wanted: str) -> dict[str, Any]:
        found = self.find(wanted)
        if found is None:
            raise CannotStart(NONE, name=wanted)
        return found

    def export(self, journey: dict[str, Any]) -> JourneyFile:
        """The draft as a file, with the names of what its settings mean by an id."""
        graph = journey["draft"]["graph"]
        used = set(_texts(graph))
        references = {}
        for type in LISTS:
            for one in self.listed(type):
                if str(one["id"]) in used:
                    references[str(one["id"])] = {"type": type, "name": one["name"]}
        return JourneyFile(journey["name"], graph, references)

    def at_home(self, file: JourneyFile) -> dict[str, Any]:
        """The file's document with the ids that its references have on this server."""
        ids = {}
        for id, meant in file.references.items():
            known = self.listed(meant["type"]) if meant.get("type") in LISTS else []
            if any(str(one["id"]) == id for one in known):
                continue
            same = [one for one in known if one["name"] == meant.get("name")]
            if not same:
                raise CannotStart(UNKNOWN, type=meant.get("type", "?"), name=meant.get("name", id))
            ids[id] = str(same[0]["id"])
        return _renamed(file.graph, ids) if ids else file.graph

    def create(self, name: str, graph: dict[str, Any]) -> dict[str, Any]:
        return self.door.once("POST", "/api/v1/journeys", {"name": name, "graph": graph})

    def save(self, journey: dict[str, Any], name: str, graph: dict[str, Any]) -> int:
        """Save over the draft as it was read; the new revision."""
        body = {"revision": journey["draft"]["revision"], "graph": graph, "name": name}
        return self.door.once("PUT", f"/api/v1/journeys/{journey['id']}/draft", body)["revision"]

    def publish(self, journey_id: str, revision: int, standing: str) -> dict[str, Any]:
        body = {"revision": revision, "standing": standing}
        return self.door.once("POST", f"/api/v1/journeys/{journey_id}/publish", body)


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for value in tree.values():
            yield from _texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _texts(value)
    elif isinstance(tree, str):
        yield tree


def _renamed(tree: Any, ids: dict[str, str]) -> Any:
    if isinstance(tree, dict):
        return {key: _renamed(value, ids) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_renamed(value, ids) for value in tree]
    return ids.get(tree, tree) if isinstance(tree, str) else tree
