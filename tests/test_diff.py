"""The difference between two drawings is told as a marketer reads it, in both languages."""

import copy

from journey_engine.diff import diff
from tests.support.shop import SMS, graph, hours

SEEN = ("event", {"event": "Product Viewed"})


def drawing(wait=2, **more):
    nodes = {"seen": SEEN, "wait": ("wait", {"duration": hours(wait)}), "sms": SMS, **more}
    return graph(nodes, ["seen > wait", "wait > sms"])


def names(told):
    return [one["node"] for one in told]


def test_a_drawing_that_was_only_moved_about_or_noted_is_no_different():
    other = copy.deepcopy(drawing())
    for number, node in enumerate(other["nodes"]):
        node |= {"position": {"x": number, "y": 9}, "note": "look"}
    other["nodes"].reverse()
    assert all(told == [] for told in diff(drawing(), other).values())


def test_a_default_that_is_written_out_is_no_difference():
    other = copy.deepcopy(drawing())
    other["nodes"][0]["settings"] |= {"key": "", "late_events": False}
    assert diff(drawing(), other)["changed"] == []


def test_a_changed_wait_is_a_changed_setting_and_a_change_of_timing():
    told = diff(drawing(2), drawing(5))
    (changed,) = told["changed"]
    assert (changed["node"], changed["settings"][0]["name"]) == ("wait", "duration")
    assert changed["settings"][0]["before"] == {"en": "2 hours", "zh": "2 小时"}
    assert changed["settings"][0]["after"] == {"en": "5 hours", "zh": "5 小时"}
    assert [(one["before"]["en"], one["after"]["zh"]) for one in told["timing"]] == [("Wait 2 hours", "等待 5 小时")]
    assert told["audience"] == []


def test_new_and_deleted_nodes_and_where_exits_lead_now():
    shorter = graph({"seen": SEEN, "sms": SMS}, ["seen > sms"])
    told = diff(drawing(), shorter)
    assert (names(told["added"]), names(told["removed"])) == ([], ["wait"])
    assert [(one["node"], one["exit"], one["before"]["en"]) for one in told["rewired"]] == [
        ("seen", "next", "Wait 2 hours")
    ]
    assert [(one["before"]["en"], one["after"]) for one in told["timing"]] == [("Wait 2 hours", None)]


def test_who_may_come_in_is_told_apart():
    other = copy.deepcopy(drawing())
    other["nodes"][0]["settings"]["event"] = "Cart Viewed"
    other["settings"] = {"reentry": {"policy": "never"}}
    told = diff(drawing(), other)["audience"]
    assert (told[0]["node"], told[0]["after"]["en"]) == ("seen", "When Cart Viewed happens")
    assert told[1]["node"] is None and "never" in told[1]["after"]["en"] and "不允许" in told[1]["after"]["zh"]


def test_weights_of_a_split_and_a_switched_off_node_are_told():
    def split(a, off=False):
        arms = [{"id": "a", "name": "A", "weight": a}, {"id": "b", "name": "B", "weight": 100 - a}]
        drawn = graph({"seen": SEEN, "split": ("random_split", {"arms": arms}, off)}, ["seen > split"])
        return drawn

    (changed,) = diff(split(50), split(80, off=True))["changed"]
    by_name = {one["name"]: (one["before"]["en"], one["after"]["en"]) for one in changed["settings"]}
    assert "80" in by_name["arms"][1] and "50" in by_name["arms"][0]
    assert by_name["disabled"] == ("no", "yes")


def test_a_first_version_is_all_new():
    told = diff(None, drawing())
    assert (names(told["added"]), told["changed"]) == (["seen", "wait", "sms", "end"], [])


def test_drawings_that_could_not_be_published_can_be_compared():
    broken = {"nodes": [{"id": "a", "kind": "wait", "settings": {"duration": "soon"}}], "edges": []}
    strange = {"nodes": [{"id": "a", "kind": "gone", "settings": {}}], "edges": [{"from": "a", "exit": "x", "to": "b"}]}
    assert diff(broken, strange)["changed"][0]["settings"][0]["after"] == {"en": "gone", "zh": "gone"}
    assert diff(broken, drawing())["removed"][0]["sentence"]["en"] == "Wait"
