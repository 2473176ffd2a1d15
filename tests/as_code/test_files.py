"""Journey files: whatever is drawn comes back as it was, and what is no journey is refused with a reason."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_engine import playbooks
from journey_engine.as_code.files import BadFile, JourneyFile, read, write
from journey_engine.catalog import KINDS

WORDS = st.text(min_size=1, max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
ODD = st.sampled_from(
    ["yes", "no", "on", "null", "~", "2026-03-02", "12:30", "1e3", "0x1f", "a > b", "a: b", "- a", "🎁", " "]
)
VALUES = st.recursive(
    SCALARS | WORDS | ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | ODD, inner, max_size=3)
)
POINTS = st.fixed_dictionaries({"x": st.integers(-9999, 9999), "y": st.floats(-9999, 9999)})


@st.composite
def documents(draw):
    """Any document that can be a drawing, with every optional part there or not."""
    ids = draw(st.lists(WORDS | ODD, min_size=1, max_size=5, unique=True))
    nodes = [
        {"id": id, "kind": draw(st.sampled_from(sorted(KINDS)))}
        | draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "settings": st.dictionaries(WORDS, VALUES, max_size=3),
                    "position": POINTS,
                    "disabled": st.booleans(),
                    "note": st.text(max_size=20),
                },
            )
        )
        for id in ids
    ]
    pairs = [(a, b) for a in ids for b in ids if a != b]
    wired = draw(st.lists(st.sampled_from(pairs), max_size=4)) if pairs else []
    edges = {(a, exit): b for a, b in wired for exit in (draw(st.sampled_from(["next", "yes", "a b", "no"])),)}
    found = {"nodes": nodes, "edges": [{"from": a, "exit": exit, "to": b} for (a, exit), b in edges.items()]}
    return found | draw(st.fixed_dictionaries({}, optional={"settings": st.dictionaries(WORDS, VALUES, max_size=2)}))


@given(documents(), WORDS, st.sampled_from(["yaml", "json"]))
@settings(max_examples=150, deadline=None)
def test_a_journey_comes_back_from_its_file_as_it_was(document, name, form):
    file = JourneyFile(name, document, {"0198": {"type": "segment", "name": "At risk"}})

    assert read(write(file, form), "kept") == file


@pytest.mark.parametrize("id", playbooks.PLAYBOOKS)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_playbook_comes_back_from_its_file_as_it_was(id, form):
    graph = playbooks.load(id)

    assert read(write(JourneyFile(id, graph), form), "kept").graph == graph


def test_what_the_editor_saved_as_a_file_is_read():
    graph = playbooks.load("welcome")

    assert read(json.dumps({"name": "Welcome", "graph": graph}), "x.json") == JourneyFile("Welcome", graph)
    assert read(json.dumps(graph), "folder/welcome.json") == JourneyFile("welcome", graph)


def test_a_file_may_be_written_in_short_forms():
    file = read(
        """
        name: Orders
        graph:
          nodes:
            ordered: {kind: event, settings: {event: Order Completed}}
            which: {kind: condition, settings: {rule: {attribute: vip, op: is, value: true}}}
            on: {kind: exit}
          edges: [ordered > which, "which:yes > on", {from: which, exit: "no", to: "on"}]
        """,
        "orders.yaml",
    )

    assert [node["id"] for node in file.graph["nodes"]] == ["ordered", "which", "on"]
    assert file.graph["edges"] == [
        {"from": "ordered", "exit": "next", "to": "which"},
        {"from": "which", "exit": "yes", "to": "on"},
        {"from": "which", "exit": "no", "to": "on"},
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[", "not YAML or JSON"),
        ("just words", "a name and a graph"),
        ("name: A\ngraph: {nodes: {a: {kind: teleport}}}", "'teleport' is not a kind of node"),
        ("graph: {nodes: {a: {kind: exit}}, edges: [a to b]}", "write `node > node`"),
        ("graph: {nodes: {a: {kind: exit}}, edges: [a > b]}", "a node that does not exist"),
        ("graph: {nodes: []}\nowner: ann", "a name and a graph"),
    ],
)
def test_what_is_no_journey_is_refused_with_a_reason(text, reason):
    with pytest.raises(BadFile, match=reason) as refused:
        read(text, "cart.yaml")
    assert refused.value.text.zh.startswith("cart.yaml：")
