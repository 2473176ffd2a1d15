/** A journey as a JSON file or as text on the clipboard, in and out without loss. */
import type { Piece } from "./commands";
import type { Graph, GraphEdge, GraphNode, JourneySettings } from "./types";

const CLIP = "journey-piece";

export type JourneyFile = { name: string; graph: Graph };

export function writeFile(name: string, graph: Graph): string {
  return `${JSON.stringify({ name, graph }, null, 2)}\n`;
}

/** Read a journey file; null when the text is none. A bare graph document is taken as well. */
export function readFile(text: string): JourneyFile | null {
  const value = parse(text);
  if (!isRecord(value)) return null;
  const graph = readGraph(isRecord(value.graph) ? value.graph : value);
  return graph && { name: typeof value.name === "string" ? value.name : "", graph };
}

function readGraph(value: Record<string, unknown>): Graph | null {
  const { nodes, edges } = value;
  if (!Array.isArray(nodes) || !nodes.every(isNode) || !Array.isArray(edges) || !edges.every(isEdge)) return null;
  const placed = (nodes as GraphNode[]).map((node, index) => ({
    ...node,
    settings: isRecord(node.settings) ? node.settings : {},
    position: isPoint(node.position) ? node.position : { x: 0, y: index * 204 },
  }));
  const settings = isRecord(value.settings) ? (value.settings as JourneySettings) : {};
  return { ...(value as object), settings, nodes: placed, edges: edges as GraphEdge[] };
}

export function writePiece(piece: Piece): string {
  return JSON.stringify({ [CLIP]: piece });
}

export function readPiece(text: string): Piece | null {
  const value = parse(text);
  const piece = isRecord(value) ? value[CLIP] : null;
  if (!isRecord(piece)) return null;
  const graph = readGraph(piece);
  return graph && { nodes: graph.nodes, edges: graph.edges };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPoint = (value: unknown): boolean => isRecord(value) && Number.isFinite(value.x) && Number.isFinite(value.y);

const isNode = (value: unknown): boolean =>
  isRecord(value) && typeof value.id === "string" && typeof value.kind === "string";

const isEdge = (value: unknown): boolean =>
  isRecord(value) && [value.from, value.exit, value.to].every((one) => typeof one === "string");
