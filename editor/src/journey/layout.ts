/** Where cards stand: the size of a card, the place for a new one, pushing down what follows, tidying up. */
import dagre from "@dagrejs/dagre";
import { exitsOnCard } from "./catalog";
import type { Catalog, Graph, GraphNode, Point } from "./types";
import { edgeAt, nodeById, reachable } from "./walk";

export const CARD = { width: 248, height: 120 };
export const GAP = { x: 56, y: 56 };
export const GRID = 8;

/** From the top of one card to the top of the next below it. */
export const ROW = CARD.height + GAP.y;

/** The place below one exit of a card: under the card for a single exit, spread out when there are several. */
export function placeBelow(catalog: Catalog, graph: Graph, from: string, exit: string): Point {
  const node = nodeById(graph, from);
  if (!node) return { x: 0, y: 0 };
  const exits = exitsOnCard(catalog, node);
  const index = Math.max(
    0,
    exits.findIndex((one) => one.id === exit),
  );
  const required = exits.filter((one) => one.required);
  const middle = required.length === 1 ? exits.indexOf(required[0]!) : (exits.length - 1) / 2;
  const offset = (index - middle) * (CARD.width + GAP.x);
  return freePlace(graph, snap({ x: node.position.x + offset, y: node.position.y + ROW }));
}

/** The nearest free place to the right of a wish, so that no card is put on another. */
export function freePlace(graph: Graph, wish: Point): Point {
  const place = { ...wish };
  while (graph.nodes.some((node) => overlaps(node.position, place))) place.x += CARD.width + GAP.x;
  return place;
}

function overlaps(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) < CARD.width && Math.abs(a.y - b.y) < CARD.height;
}

/** Make room above `first`: it and everything after it goes down by one row when a card at `place` would touch it. */
export function pushDown(graph: Graph, first: string, place: Point): Graph {
  const target = nodeById(graph, first);
  if (!target) return graph;
  const missing = place.y + ROW - target.position.y;
  if (missing <= 0) return graph;
  const moved = reachable(graph, [first]);
  return {
    ...graph,
    nodes: graph.nodes.map((node) =>
      moved.has(node.id) && node.position.y >= target.position.y
        ? { ...node, position: { x: node.position.x, y: node.position.y + missing } }
        : node,
    ),
  };
}

/** All cards in rows from the triggers down, edges in the order of the exits. The upper left corner stays. */
export function tidy(catalog: Catalog, graph: Graph): Graph {
  if (graph.nodes.length === 0) return graph;
  const sheet = new dagre.graphlib.Graph({ multigraph: true });
  sheet.setGraph({ rankdir: "TB", nodesep: GAP.x, ranksep: GAP.y, ranker: "network-simplex" });
  sheet.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) sheet.setNode(node.id, { width: CARD.width, height: CARD.height });
  for (const node of graph.nodes) {
    for (const exit of exitsOnCard(catalog, node)) {
      const edge = graph.edges.find((one) => one.from === node.id && one.exit === exit.id);
      if (edge) sheet.setEdge(edge.from, edge.to, {}, edge.exit);
    }
  }
  dagre.layout(sheet, { constraints: exitOrder(catalog, graph) });
  const corner = upperLeft(graph.nodes);
  const laid = graph.nodes.map((node) => ({ ...node, position: cornerOf(sheet.node(node.id)) }));
  const shift = upperLeft(laid);
  return {
    ...graph,
    nodes: laid.map((node) => ({
      ...node,
      position: snap({ x: node.position.x - shift.x + corner.x, y: node.position.y - shift.y + corner.y }),
    })),
  };
}

/** What the first exit leads to stands left of what the second leads to, unless another card wants it the other way. */
function exitOrder(catalog: Catalog, graph: Graph): { left: string; right: string }[] {
  const order: Graph = { ...graph, edges: [] };
  for (const node of graph.nodes) {
    const targets = exitsOnCard(catalog, node).flatMap((exit) => edgeAt(graph, node.id, exit.id)?.to ?? []);
    targets.slice(1).forEach((right, index) => {
      const left = targets[index]!;
      if (left !== right && !reachable(order, [right]).has(left)) order.edges.push({ from: left, exit: "", to: right });
    });
  }
  return order.edges.map((edge) => ({ left: edge.from, right: edge.to }));
}

const cornerOf = (box: Point): Point => ({ x: box.x - CARD.width / 2, y: box.y - CARD.height / 2 });

export function upperLeft(nodes: GraphNode[]): Point {
  return {
    x: Math.min(...nodes.map((node) => node.position.x)),
    y: Math.min(...nodes.map((node) => node.position.y)),
  };
}

export function snap(point: Point): Point {
  return { x: Math.round(point.x / GRID) * GRID, y: Math.round(point.y / GRID) * GRID };
}
