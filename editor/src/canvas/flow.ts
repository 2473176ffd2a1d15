/** The graph as the canvas library wants it; what has not changed is the same object, so only changed cards are drawn. */
import { MarkerType } from "@xyflow/react";
import type { CardNode } from "@/faces/NodeCard";
import { exitsOf } from "@/journey/catalog";
import type { Catalog, Graph, GraphNode, Language, Point } from "@/journey/types";
import { say } from "@/journey/words";
import type { Line } from "./EdgeLine";

export type Sizes = Record<string, { width: number; height: number }>;

const drawn = new WeakMap<GraphNode, CardNode>();

export function cards(graph: Graph, selection: string[], moving: Record<string, Point>, sizes: Sizes): CardNode[] {
  const selected = new Set(selection);
  return graph.nodes.map((node) => {
    const position = moving[node.id] ?? node.position;
    const measured = sizes[node.id];
    const before = drawn.get(node);
    const isSelected = selected.has(node.id);
    if (
      before &&
      before.selected === isSelected &&
      before.measured === measured &&
      before.position.x === position.x &&
      before.position.y === position.y
    ) {
      return before;
    }
    const card: CardNode = { id: node.id, type: "card", position, data: { node }, selected: isSelected, measured };
    drawn.set(node, card);
    return card;
  });
}

export const edgeId = (from: string, exit: string): string => `${from} ${exit}`;

export function lines(catalog: Catalog, graph: Graph, selected: string | null, language: Language): Line[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  return graph.edges.flatMap((edge) => {
    const source = nodes.get(edge.from);
    if (!source || !nodes.has(edge.to)) return [];
    const exits = exitsOf(catalog, source);
    const exit = exits.find((one) => one.id === edge.exit);
    if (!exit) return [];
    const id = edgeId(edge.from, edge.exit);
    const line: Line = {
      id,
      type: "line",
      source: edge.from,
      sourceHandle: edge.exit,
      target: edge.to,
      targetHandle: "in",
      selected: id === selected,
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--line-strong)" },
      data: { exit: edge.exit, label: say(exit.title, language), sense: exit.sense, onlyExit: exits.length === 1 },
    };
    return [line];
  });
}

const NEAR = 20;
const AROUND = [-NEAR, 0, NEAR].flatMap((dx) => [-NEAR, 0, NEAR].map((dy) => [dx, dy] as const));
const PROBES = AROUND.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));

/** The edge at or near a point of the screen; as easy to hit when the view is far away as when it is close. */
export function edgeUnder(x: number, y: number): string | null {
  for (const [dx, dy] of PROBES) {
    for (const element of document.elementsFromPoint(x + dx, y + dy)) {
      const line = element.closest(".react-flow__edge");
      if (line) return line.getAttribute("data-id");
    }
  }
  return null;
}

export function placeOf(edge: string): { from: string; exit: string } {
  const cut = edge.indexOf(" ");
  return { from: edge.slice(0, cut), exit: edge.slice(cut + 1) };
}
