"""Advice: what a drawing is warned of, naming the nodes, and what it is not warned of."""

import json

import pytest

from journey_engine.catalog import KINDS
from journey_engine.graph import check, read_shape
from journey_engine.model.comparison import Comparison
from journey_engine.model.contradiction import contradiction
from tests.support.shop import HOOK, MAIL, SMS, graph, hours, minutes

ORDERED = ("event", {"event": "Order Completed"})
DAY = {"amount": 1, "unit": "days"}


def warned(nodes, edges, **settings):
    document = read_shape(json.loads(json.dumps(graph(nodes, edges, **settings))))
    found = check(document)
    assert all(one.severity == "warning" for one in found), found
    assert all(one.message.zh and one.remedy.zh for one in found)
    return [(one.code, *one.nodes) for one in found]


def condition(rule):
    return ("condition", {"rule": rule})


def wait(duration):
    return ("wait", {"duration": duration})


def until(**settings):
    return ("wait_until_event", {"events": [{"id": "paid", "event": "Order Paid"}], **settings})


def test_a_wait_without_a_maximum_is_warned_of():
    rule = ("wait_until_rule", {"rule": {"attribute": "tier", "op": "is", "value": "gold"}, "timeout": None})
    nodes = {"t": ORDERED, "w": until(timeout=None), "r": rule, "v": until(timeout=hours(1))}
    assert warned(nodes, ["t > w", "w:paid > r", "r:held > v"]) == [
        ("graph:no_maximum", "w"),
        ("graph:no_maximum", "r"),
    ]


def test_a_wait_that_is_not_filled_in_is_not_said_to_be_endless():
    document = graph({"t": ORDERED, "w": until()}, ["t > w"])
    document["nodes"][1]["settings"]["timeout"] = {"amount": 0, "unit": "days"}
    assert "graph:no_maximum" not in [one.code for one in check(document)]


@pytest.mark.parametrize(
    "rule",
    [
        {"message": "opened", "node": "m"},
        {"all": [{"attribute": "tier", "op": "is", "value": "gold"}, {"not": {"message": "clicked", "node": "m"}}]},
        {"event": "Order Paid", "since": {"node": "m"}},
    ],
)
def test_a_split_right_after_a_message_on_what_cannot_have_happened_yet_is_warned_of(rule):
    nodes = {"t": ORDERED, "m": MAIL, "tag": ("tag", {"action": "add", "tags": ["a"]}), "c": condition(rule)}
    assert warned(nodes, ["t > m", "m > tag", "tag > c"]) == [("graph:too_early", "m", "c")]
    assert warned({**nodes, "tag": wait(DAY)}, ["t > m", "m > tag", "tag > c"]) == []


def test_a_split_after_a_message_on_something_else_is_not_warned_of():
    rules = [{"attribute": "tier", "op": "is", "value": "gold"}, {"message": "opened"}, {"event": "Order Paid"}]
    nodes = {"t": ORDERED, "m": MAIL, "c": condition({"any": rules})}
    assert warned(nodes, ["t > m", "m > c"]) == []


def test_more_messages_than_three_within_a_day_on_one_way_are_warned_of():
    nodes = {"t": ORDERED, "a": SMS, "b": MAIL, "c": SMS, "w": wait(hours(23)), "d": MAIL}
    edges = ["t > a", "a > b", "b > c", "c > w", "w > d"]
    assert warned(nodes, edges) == [("graph:too_many_messages", "a", "b", "c", "d")]
    assert warned({**nodes, "w": wait(DAY)}, edges) == []
    assert warned({**nodes, "d": HOOK}, edges) == []


def test_messages_on_different_ways_are_not_added_up():
    nodes = {"t": ORDERED, "c": condition({"attribute": "a", "op": "exists"}), "a": SMS, "b": MAIL, "x": SMS, "y": MAIL}
    assert warned(nodes, ["t > c", "c:yes > a", "a > b", "c:no > x", "x > y"]) == []


def test_a_way_round_that_may_be_short_counts_each_time():
    nodes = {"t": ORDERED, "a": SMS, "w": until(timeout=DAY), "end": ("exit", {})}
    edges = ["t > a", "a > w", "w:paid > a", "w:timeout > end"]
    assert warned(nodes, edges) == [("graph:too_many_messages", "a")]
    round = {"t": ORDERED, "a": SMS, "w": wait(hours(8))}
    assert warned(round, ["t > a", "a > w", "w > a"]) == []
    assert warned({**round, "w": wait(minutes(479))}, ["t > a", "a > w", "w > a"]) == [("graph:too_many_messages", "a")]


def test_a_filter_that_excludes_itself_is_warned_of():
    where = [{"property": "total", "op": ">", "value": 200}, {"property": "total", "op": "<", "value": "100.00"}]
    nodes = {"t": ("event", {"event": "Order Completed", "where": where}), "a": SMS}
    assert warned(nodes, ["t > a"]) == [("graph:contradiction", "t")]


def test_a_condition_that_every_trigger_has_ruled_out_is_warned_of():
    def trigger(value):
        return ("event", {"event": "Paid", "where": [{"property": "total", "op": ">=", "value": value}]})

    asks = {"all": [{"property": "total", "op": "<", "value": 100}, {"attribute": "tier", "op": "is", "value": "gold"}]}
    nodes = {"t": trigger(200), "u": trigger(300), "a": wait(DAY), "c": condition(asks)}
    assert warned(nodes, ["t > a", "u > a", "a > c"]) == [("graph:contradiction", "t", "u", "c")]
    assert warned({**nodes, "u": trigger(50)}, ["t > a", "u > a", "a > c"]) == []
    assert warned({**nodes, "c": condition({"not": asks})}, ["t > a", "u > a", "a > c"]) == []


def test_a_disabled_node_is_passed_as_if_it_did_nothing():
    nodes = {"t": ORDERED, "w": (*until(timeout=None), True), "a": SMS, "b": MAIL, "c": SMS, "d": (*MAIL, True)}
    assert warned(nodes, ["t > w", "w:paid > a", "a > b", "b > c", "c > d"]) == []


@pytest.mark.parametrize(
    ("one", "other", "exclude"),
    [
        (("is", "a"), ("is", "b"), True),
        (("is", "a"), ("is", "a"), False),
        (("is", 1), ("is", "1"), False),
        (("is", "a"), ("one_of", ["b", "c"]), True),
        (("one_of", ["a", "b"]), ("one_of", ["b", "c"]), False),
        (("is", "a"), ("is_not", "a"), True),
        (("one_of", ["a", "b"]), ("is_not", "a"), False),
        ((">", 5), ("<", 5), True),
        ((">=", 5), ("<=", 5), False),
        ((">=", 5), ("<", 5), True),
        (("between", [1, 3]), (">", 3), True),
        (("between", [1, 3]), (">=", 3), False),
        (("is", 5), (">", 5), True),
        (("is", "5"), (">=", 5), False),
        (("is", "many"), (">", 5), False),
        (("exists", None), ("not_exists", None), True),
        (("is", "a"), ("not_exists", None), True),
        (("not_exists", None), ("not_exists", None), False),
        (("contains", "a"), ("starts_with", "b"), False),
        (("is", {"context": "x"}), ("is", "b"), False),
    ],
)
def test_only_what_is_plain_to_see_is_a_contradiction(one, other, exclude):
    pair = [Comparison("p", *one), Comparison("p", *other)]
    assert (contradiction(pair) is not None) is exclude
    assert (contradiction(pair[::-1]) is not None) is exclude
    assert contradiction([pair[0], Comparison("q", *other)]) is None


def test_every_split_of_the_largest_drawing_is_looked_at():
    nodes, edges = {"t": ORDERED}, ["t > n0"]
    for n in range(0, 996, 2):
        nodes[f"n{n}"] = MAIL
        nodes[f"n{n + 1}"] = condition({"message": "opened", "node": f"n{n}"})
        edges += [f"n{n} > n{n + 1}"] + ([f"n{n + 1}:yes > n{n + 2}", f"n{n + 1}:no > n{n + 2}"] if n < 994 else [])
    assert len([one for one in warned(nodes, edges) if one[0] == "graph:too_early"]) == 498


@pytest.mark.parametrize(
    "node",
    [
        until(since="gone"),
        condition({"message": "opened", "node": "gone"}),
        condition({"any": [{"attribute": "a", "op": "exists"}, {"event": "Order Paid", "since": {"node": "gone"}}]}),
        ("multi_split", {"branches": [{"id": "a", "rule": {"event": "Order Paid", "since": {"node": "gone"}}}]}),
    ],
)
def test_a_setting_that_names_a_node_which_is_not_there_is_refused(node):
    found = check(graph({"t": ORDERED, "n": node}, ["t > n"]))
    assert [(one.code, one.severity, one.nodes) for one in found] == [("graph:setting", "error", ("n",))]
    assert "gone" in found[0].message.zh


def test_a_message_with_a_fault_in_its_text_is_refused():
    found = check(
        graph({"t": ORDERED, "m": ("send_sms", {"template_code": "SMS_1", "text": "{{ customer.name"})}, ["t > m"])
    )
    assert [(one.code, one.severity, one.nodes) for one in found] == [("graph:setting", "error", ("m",))]


DATE = {"attribute": "expires_on"}
PAID = {"id": "paid", "event": "Order Paid"}


@pytest.mark.parametrize(
    ("kind", "settings", "says"),
    [
        ("time_window", {"start": "09:00", "end": "09:00"}, "永远不会打开"),
        ("time_window", {"start": "24:00", "end": "06:00"}, "24:00"),
        ("time_window", {"weekdays": []}, "星期"),
        ("time_window", {"start": "9:00"}, "07:30"),
        ("time_window", {"zone": "Shanghai"}, "Asia/Shanghai"),
        ("wait", {"duration": hours(2), "calendar": True}, "天"),
        ("wait_until_time", {"when": "weekdays"}, "未填写"),
        ("wait_until_time", {"when": "date", "day": "2026-02-30"}, "2026-02-30"),
        ("wait_until_time", {"when": "date", "day": ""}, "未填写"),
        ("wait_until_date", {"date": DATE, "shift": "before"}, "未填写"),
        ("wait_until_date", {"date": {"attribute": " "}}, "名称"),
        ("wait_until_date", {"date": "expires_on"}, "属性"),
        ("wait_random", {"least": hours(2), "most": hours(1)}, "最短"),
        ("wait_until_event", {"events": [PAID], "takes": "highest", "timeout": None}, "最长"),
        ("random_split", {"arms": [{"id": "a", "control": True}, {"id": "b", "control": True}]}, "对照组"),
        ("random_split", {"arms": [{"id": "a", "weight": 0}, {"id": "b", "weight": 0}]}, "权重"),
        ("multi_split", {"branches": [{"id": "else", "rule": {"tag": "vip"}}]}, "else"),
        ("value_split", {"value": DATE, "cases": [{"id": "a", "values": []}]}, "50"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_both_languages(kind, settings, says):
    document = {"nodes": [{"id": "t", "kind": ORDERED[0], "settings": ORDERED[1]}], "edges": []}
    document["nodes"].append({"id": "n", "kind": kind, "settings": settings})
    found = [one for one in check(read_shape(document)) if one.code == "graph:setting"]
    assert [one.nodes for one in found] == [("n",)]
    assert says in found[0].message.zh
    assert found[0].message.en != found[0].message.zh


@pytest.mark.parametrize(
    ("kind", "settings", "en", "zh"),
    [
        ("wait_until_time", {"time": "20:00"}, "Wait until 20:00", "等到 20:00"),
        ("wait_until_time", {"when": "days", "days": 3}, "Wait until 09:00, 3 days later", "等到 3 天后的 09:00"),
        (
            "wait_until_time",
            {"when": "weekdays", "weekdays": ["thu", "mon"], "time": "07:00"},
            "Wait until Mon, Thu, 07:00",
            "等到周一、周四 07:00",
        ),
        ("wait_until_date", {"date": DATE}, "Wait until expires_on", "等到 expires_on"),
        (
            "wait_until_date",
            {"date": DATE, "shift": "before", "offset": {"amount": 2, "unit": "days"}, "time": "10:00"},
            "Wait until 2 days before expires_on, 10:00",
            "等到 expires_on 前 2 天 10:00",
        ),
        ("wait_until_event", {"events": [PAID], "timeout": None}, "Wait until Order Paid", "等到 Order Paid"),
        ("wait_until_event", {"events": [PAID]}, "Wait until Order Paid, at most 1 day", "等到 Order Paid，最长 1 天"),
        ("time_window", {}, "Only 09:00–18:00, any day", "仅限 09:00–18:00（每天）"),
    ],
)
def test_a_node_says_what_it_does(kind, settings, en, zh):
    kind = KINDS[kind]
    assert kind("n", **kind.load(settings)).summary() == (en, zh)


def test_a_wait_without_a_maximum_has_no_exit_for_it():
    nodes = {"t": ORDERED, "w": until(timeout=None), "a": ("exit", {})}
    document = graph(nodes, ["t > w", "w:paid > a", "w:timeout > a"])
    assert "graph:unknown_exit" in [one.code for one in check(document)]
