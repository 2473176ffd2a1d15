"""The judge's own reading of a graph: whether what is written of a customer's path is a walk through it."""

from datetime import datetime

WRONG_WALKS_SHOWN = 20

PASSING = {"event", "absence", "update_customer", "send_sms", "send_email", "send_webhook"}
"""Kinds that are always left by `next`, and never hold."""

COMPARED = {">=": lambda read, value: read >= value, "<": lambda read, value: read < value}


class Walk:
    """One customer's way through the version they are pinned to."""

    def __init__(self, graph, events, customer, event):
        self.kinds = {node["id"]: node["kind"] for node in graph["nodes"]}
        self.settings = {node["id"]: node["settings"] for node in graph["nodes"]}
        self.targets = {(edge["from"], edge["exit"]): edge["to"] for edge in graph["edges"]}
        self.events, self.customer = events, customer
        self.properties = events.get(event, ("", "", {}))[2]
        self.tally = 0

    def wrong_with(self, visited, visits):
        """What is wrong with this path; an empty text when nothing is."""
        if [visit["n"] for visit in visited] != list(range(1, visits + 1)):
            return f"visits are {[visit['n'] for visit in visited]}, not 1 to {visits}"
        expected = next(id for id, kind in self.kinds.items() if kind in ("event", "absence"))
        before = None
        for visit in visited:
            if visit["node"] != expected:
                return f"stands at {visit['node']} where {expected} was due"
            if why := self._wrong_exit(visit, before):
                return f"left {expected} by {visit['exit']} though {why}"
            if visit["exit"] is not None:
                expected = self.targets.get((expected, visit["exit"]))
            before = visit
        return "" if expected is None or self.kinds[expected] == "exit" else f"ends at {expected}"

    def _wrong_exit(self, visit, before):
        kind, reason = self.kinds[visit["node"]], visit["reason"]
        if kind in PASSING:
            if kind == "update_customer":
                self.tally = reason["attributes"]["orders"]
            return "" if visit["exit"] == "next" else "it is always left by next"
        if kind == "condition":
            return self._wrong_side(visit, self.settings[visit["node"]]["rule"])
        held_here = before is not None and before["node"] == visit["node"] and before["exit"] is None
        if kind in ("wait", "wait_until_event") and held_here == (visit["exit"] is None):
            return "a hold is entered once and left once"
        if visit["exit"] is None or kind == "exit":
            return ""
        return self._wrong_wait(kind, visit["exit"], reason)

    def _wrong_side(self, visit, rule):
        """A property has one value for ever; an attribute is what the path itself made it, or greater by later ones."""
        if "property" in rule:
            read = self.properties.get(rule["property"])
        else:
            read = visit["reason"]["leaves"][0]["read"]
            if read is None or read < self.tally:
                return f"{read} was read after {self.tally} was written"
        held = read is not None and COMPARED[rule["op"]](read, rule["value"])
        return "" if visit["exit"] == ("yes" if held else "no") else f"{read} was read"

    def _wrong_wait(self, kind, exit, reason):
        if (kind, exit, reason.get("why")) in (("wait", "next", "waited"), ("wait_until_event", "timeout", "timeout")):
            return ""
        customer, name, properties = self.events.get(reason.get("event_id"), ("", "", {}))
        if customer != self.customer or name != "Order Paid" or exit != "paid":
            return f"the event {reason.get('event_id')} is none of theirs"
        same = properties.get("order_id") == self.properties.get("order_id")
        return "" if same else f"another order was paid: {properties}"


def held_until(path):
    """The instant at which a path's last hold ends by the clock."""
    last = path[-1] if path else {"exit": "", "reason": {}}
    until = last["reason"].get("until") if last["exit"] is None else None
    return datetime.fromisoformat(until) if until else None
