/** Walking a graph: who follows whom, what can be reached, where a cycle runs. No catalog, no React. */
import type { Graph, GraphEdge, GraphNode } from "./types";

export function nodeById(graph: Graph, id: string): GraphNode | undefined {
  return graph.nodes.find((node) => node.id === id);
}

export function edgeAt(graph: Graph, from: string, exit: string): GraphEdge | undefined {
  return graph.edges.find((edge) => edge.from === from && edge.exit === exit);
}

/** Every node that can be reached from the given ones, themselves included. */
export function reachable(graph: Graph, from: string[]): Set<string> {
  const next = followers(graph);
  const seen = new Set<string>();
  const waiting = [...from];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(next.get(id) ?? []));
  }
  return seen;
}

export function followers(graph: Graph): Map<string, string[]> {
  const next = new Map<string, string[]>();
  for (const edge of graph.edges) next.set(edge.from, [...(next.get(edge.from) ?? []), edge.to]);
  return next;
}

/** The nodes of one cycle that never passes a node for which `holds` is true, or nothing. */
export function cycleWithoutHold(graph: Graph, holds: (node: GraphNode) => boolean): string[] {
  const free = new Set(graph.nodes.filter((node) => !holds(node)).map((node) => node.id));
  const next = followers(graph);
  const done = new Set<string>();
  for (const start of free) {
    const cycle = descend(start, free, next, done);
    if (cycle.length) return cycle;
  }
  return [];
}

/** Depth first from one node, on a stack of our own: a chain of a thousand nodes must not overflow the browser's. */
function descend(start: string, free: Set<string>, next: Map<string, string[]>, done: Set<string>): string[] {
  const path: { id: string; left: string[] }[] = [];
  const onPath = new Set<string>();
  const enter = (id: string) => {
    path.push({ id, left: [...(next.get(id) ?? [])] });
    onPath.add(id);
  };
  if (!done.has(start)) enter(start);
  while (path.length) {
    const here = path[path.length - 1]!;
    const id = here.left.pop();
    if (id === undefined) {
      path.pop();
      onPath.delete(here.id);
      done.add(here.id);
    } else if (onPath.has(id)) {
      return path.slice(path.findIndex((one) => one.id === id)).map((one) => one.id);
    } else if (free.has(id) && !done.has(id)) enter(id);
  }
  return [];
}

export type Direction = "up" | "down" | "left" | "right";

/** The node an arrow key walks to: along the edges up and down, to the nearest at that side otherwise. */
export function neighbour(graph: Graph, id: string, direction: Direction): string | undefined {
  const node = nodeById(graph, id);
  if (!node) return undefined;
  if (direction === "down") return graph.edges.find((edge) => edge.from === id)?.to ?? nearest(graph, node, direction);
  if (direction === "up") return graph.edges.find((edge) => edge.to === id)?.from ?? nearest(graph, node, direction);
  return nearest(graph, node, direction);
}

function nearest(graph: Graph, node: GraphNode, direction: Direction): string | undefined {
  const sideways = direction === "left" || direction === "right";
  const sign = direction === "right" || direction === "down" ? 1 : -1;
  let best: { id: string; cost: number } | undefined;
  for (const other of graph.nodes) {
    const dx = other.position.x - node.position.x;
    const dy = other.position.y - node.position.y;
    const along = (sideways ? dx : dy) * sign;
    if (other.id === node.id || along <= 0) continue;
    const cost = along + 2 * Math.abs(sideways ? dy : dx);
    if (!best || cost < best.cost) best = { id: other.id, cost };
  }
  return best?.id;
}
