"""Places for nodes that came without one."""

from journey_engine.layout import place

EDGES = [
    {"from": "t", "exit": "next", "to": "c"},
    {"from": "c", "exit": "yes", "to": "a"},
    {"from": "c", "exit": "no", "to": "b"},
]


def positions(document):
    return {node["id"]: node["position"] for node in place(document)["nodes"]}


def test_every_node_gets_a_place_of_its_own_in_the_row_of_its_distance_from_the_trigger():
    found = positions({"nodes": [{"id": id, "kind": "exit"} for id in "tcab"], "edges": EDGES})
    assert found["t"]["y"] < found["c"]["y"] < found["a"]["y"] == found["b"]["y"]
    assert len({(at["x"], at["y"]) for at in found.values()}) == 4


def test_a_node_that_has_a_place_keeps_it_and_the_others_stand_beside():
    nodes = [{"id": "t", "kind": "event", "position": {"x": 10, "y": 20}}, {"id": "c", "kind": "exit"}]
    found = positions({"nodes": nodes, "edges": EDGES[:1]})
    assert found["t"] == {"x": 10, "y": 20}
    assert found["c"]["x"] > 10 + 200


def test_a_cycle_and_an_empty_drawing_are_placed_too():
    edges = [{"from": "t", "exit": "next", "to": "c"}, {"from": "c", "exit": "next", "to": "t"}]
    assert positions({"nodes": [{"id": "t", "kind": "wait"}, {"id": "c", "kind": "wait"}], "edges": edges})
    assert place({"nodes": [], "edges": []}) == {"nodes": [], "edges": []}
