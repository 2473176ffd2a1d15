/** What each gesture does to a graph, and that any row of gestures can be undone. */
import { describe, expect, it } from "vitest";
import { exitsOf } from "./catalog";
import { catalog, draw, kinds, wires } from "./cast";
import * as commands from "./commands";
import { begin, canUndo, record, redo, STEPS_KEPT, undo } from "./history";
import { nodeById } from "./walk";
import { emptyGraph, type Graph } from "./types";

const line = () => draw("t:absence next→w", "w:wait next→s", "s:send_sms next→x", "x:exit");

describe("adding", () => {
  it("splices a new node into an edge and pushes what follows down", () => {
    const before = line();
    const after = commands.addAfter(before, { catalog, from: "w", exit: "next", kind: kinds("condition"), id: "c" });
    expect(wires(after)).toEqual(["c.yes→s", "s.next→x", "t.next→w", "w.next→c"]);
    expect(nodeById(after, "c")!.position.y).toBeLessThan(nodeById(after, "s")!.position.y);
    expect(nodeById(after, "s")!.position.y).toBeGreaterThan(nodeById(before, "s")!.position.y);
    expect(nodeById(after, "w")!.position).toEqual(nodeById(before, "w")!.position);
  });

  it("hangs a new node on an open exit, with its settings at their defaults", () => {
    const after = commands.addAfter(draw("t:absence"), {
      catalog,
      from: "t",
      exit: "next",
      kind: kinds("wait"),
      id: "w",
    });
    expect(wires(after)).toEqual(["t.next→w"]);
    expect(nodeById(after, "w")!.settings).toEqual({ duration: { amount: 1, unit: "days" } });
  });

  it("never puts a trigger after an exit", () => {
    const before = line();
    expect(commands.addAfter(before, { catalog, from: "w", exit: "next", kind: kinds("absence"), id: "t2" })).toBe(
      before,
    );
  });

  it("never puts one card on another", () => {
    let graph = emptyGraph();
    for (const id of ["a", "b", "c"])
      graph = commands.addNode(graph, { kind: kinds("wait"), id, position: { x: 5, y: 5 } });
    expect(new Set(graph.nodes.map((node) => node.position.x)).size).toBe(3);
  });

  it("takes a loose card into an edge, and leaves one that is tied where it is", () => {
    const loose = commands.addNode(line(), { kind: kinds("wait"), id: "l", position: { x: 900, y: 0 } });
    const after = commands.spliceExisting(loose, { catalog, id: "l", from: "t", exit: "next" });
    expect(wires(after)).toContain("t.next→l");
    expect(wires(after)).toContain("l.next→w");
    expect(commands.spliceExisting(after, { catalog, id: "l", from: "s", exit: "next" })).toBe(after);
  });

  it("adds at the required exit that is open, else into the main exit", () => {
    const graph = draw("c:condition yes→x", "x:exit");
    expect(commands.placeToAdd(catalog, graph, nodeById(graph, "c")!)).toBe("no");
    expect(commands.placeToAdd(catalog, line(), nodeById(line(), "s")!)).toBe("next");
  });
});

describe("deleting", () => {
  it("heals: the neighbours of a deleted node are connected", () => {
    expect(wires(commands.deleteNodes(line(), { catalog, ids: ["w"] }))).toEqual(["s.next→x", "t.next→s"]);
  });

  it("heals over several deleted nodes in a row", () => {
    expect(wires(commands.deleteNodes(line(), { catalog, ids: ["w", "s"] }))).toEqual(["t.next→x"]);
  });

  it("follows the exit that leads on when the main one leads nowhere", () => {
    const graph = draw("t:absence next→c", "c:condition no→x", "x:exit");
    expect(wires(commands.deleteNodes(graph, { catalog, ids: ["c"] }))).toEqual(["t.next→x"]);
  });

  it("never leads a node to itself", () => {
    const graph = draw("a:wait next→b", "b:wait next→a");
    expect(wires(commands.deleteNodes(graph, { catalog, ids: ["b"] }))).toEqual([]);
  });
});

describe("changing", () => {
  it("takes the edges of an arm away with the arm, and no others", () => {
    const graph = draw("r:random_split a→x b→x", "x:exit");
    const arms = [{ id: "b", name: "B", weight: 100 }];
    const after = commands.changeSetting(graph, { catalog, id: "r", name: "arms", value: arms });
    expect(wires(after)).toEqual(["r.b→x"]);
  });

  it("replaces a node's kind and keeps its edges on exits the new kind has", () => {
    const graph = draw("t:absence next→w", "w:wait next→x", "x:exit");
    const after = commands.replaceKind(graph, { catalog, id: "w", kind: "condition" });
    expect(wires(after)).toEqual(["t.next→w", "w.yes→x"]);
  });

  it("disables the chosen nodes and enables them when all are disabled, triggers never", () => {
    const disabled = commands.toggleDisabled(line(), { catalog, ids: ["t", "w", "s"] });
    expect(disabled.nodes.filter((node) => node.disabled).map((node) => node.id)).toEqual(["w", "s"]);
    const enabled = commands.toggleDisabled(disabled, { catalog, ids: ["w", "s"] });
    expect(enabled.nodes.some((node) => node.disabled)).toBe(false);
  });

  it("leads an exit to one node only", () => {
    const after = commands.connect(line(), { from: "t", exit: "next", to: "s" });
    expect(wires(after)).toContain("t.next→s");
    expect(after.edges.filter((edge) => edge.from === "t")).toHaveLength(1);
  });

  it("gives the same graph back when there is nothing to do", () => {
    const graph = line();
    expect(commands.connect(graph, { from: "t", exit: "next", to: "w" })).toBe(graph);
    expect(commands.deleteNodes(graph, { catalog, ids: ["nobody"] })).toBe(graph);
    expect(commands.moveNodes(graph, { to: { w: nodeById(graph, "w")!.position } })).toBe(graph);
    expect(commands.disconnect(graph, { from: "x", exit: "next" })).toBe(graph);
  });
});

describe("copy and paste", () => {
  it("pastes the chosen nodes under new ids with the edges between them", () => {
    const piece = commands.cut(line(), ["w", "s"]);
    const after = commands.paste(line(), { piece, ids: { w: "w2", s: "s2" }, at: { x: 400, y: 80 } });
    expect(wires(after)).toContain("w2.next→s2");
    expect(after.edges).toHaveLength(4);
    expect(nodeById(after, "w2")!.position).toEqual({ x: 400, y: 80 });
  });

  it("keeps the copy's settings apart from the original's", () => {
    const piece = commands.cut(line(), ["w"]);
    const after = commands.paste(line(), { piece, ids: { w: "w2" }, at: { x: 0, y: 0 } });
    expect(nodeById(after, "w2")!.settings).toEqual(nodeById(after, "w")!.settings);
    expect(nodeById(after, "w2")!.settings.duration).not.toBe(nodeById(after, "w")!.settings.duration);
  });
});

describe("history", () => {
  it("gives the first graph back when any row of gestures is undone, and the last when redone", () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const first = line();
      const frozen = JSON.stringify(first);
      let history = begin(first);
      const random = seeded(seed);
      for (let count = 0; count < 40; count += 1) {
        const graph = anyGesture(history.now, random, `n${seed}_${count}`);
        expectSound(graph);
        history = record(history, graph, count * 10_000);
      }
      const last = history.now;
      while (canUndo(history)) history = undo(history);
      expect(history.now).toBe(first);
      expect(JSON.stringify(history.now)).toBe(frozen);
      for (let at = redo(history); at !== history; at = redo(history)) history = at;
      expect(history.now).toBe(last);
    }
  });

  it("groups typing into one entry until there is a pause", () => {
    let history = begin("");
    history = record(history, "h", 1000, "name");
    history = record(history, "he", 1200, "name");
    history = record(history, "hey", 9000, "name");
    expect(undo(history).now).toBe("he");
    expect(undo(undo(history)).now).toBe("");
  });

  it("forgets what is older than two hundred changes", () => {
    let history = begin(0);
    for (let count = 1; count <= STEPS_KEPT + 50; count += 1) history = record(history, count, count);
    while (canUndo(history)) history = undo(history);
    expect(history.now).toBe(50);
  });

  it("drops what could be redone as soon as something else is changed", () => {
    const history = record(undo(record(begin(1), 2, 1)), 3, 2);
    expect(redo(history)).toBe(history);
  });
});

/** Mulberry32: the same row of gestures for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function anyGesture(graph: Graph, random: () => number, id: string): Graph {
  const pick = <T>(items: T[]): T | undefined => items[Math.floor(random() * items.length)];
  const node = pick(graph.nodes)?.id ?? "";
  const other = pick(graph.nodes)?.id ?? "";
  const exits = graph.nodes.flatMap((one) => exitsOf(catalog, one).map((exit) => ({ from: one.id, exit: exit.id })));
  const place = pick(exits) ?? { from: "", exit: "" };
  const kind = pick(catalog.kinds)!;
  const position = { x: Math.round(random() * 900), y: Math.round(random() * 900) };
  const gestures = [
    () => commands.addNode(graph, { kind, id, position }),
    () => commands.addAfter(graph, { catalog, ...place, kind, id }),
    () => commands.spliceExisting(graph, { catalog, ...place, id: node }),
    () => commands.connect(graph, { ...place, to: other }),
    () => commands.disconnect(graph, place),
    () => commands.deleteNodes(graph, { catalog, ids: [node, other] }),
    () => commands.moveNodes(graph, { to: { [node]: position } }),
    () => commands.replaceKind(graph, { catalog, id: node, kind: kind.kind }),
    () => commands.toggleDisabled(graph, { catalog, ids: [node] }),
    () => commands.changeNote(graph, { id: node, note: id }),
    () =>
      commands.changeSetting(graph, { catalog, id: node, name: "arms", value: [{ id: "a", name: "A", weight: 1 }] }),
    () => commands.paste(graph, { piece: commands.cut(graph, [node]), ids: { [node]: id }, at: position }),
    () => commands.tidy(catalog, graph),
  ];
  return pick(gestures)!();
}

/** Whatever was done: edges join nodes that are there, from exits they have, one edge an exit, ids only once. */
function expectSound(graph: Graph): void {
  const ids = graph.nodes.map((node) => node.id);
  expect(new Set(ids).size).toBe(ids.length);
  const places = graph.edges.map((edge) => `${edge.from} ${edge.exit}`);
  expect(new Set(places).size).toBe(places.length);
  for (const edge of graph.edges) {
    const from = nodeById(graph, edge.from)!;
    expect(exitsOf(catalog, from).map((exit) => exit.id)).toContain(edge.exit);
    expect(ids).toContain(edge.to);
  }
}
