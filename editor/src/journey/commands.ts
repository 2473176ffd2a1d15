/**
 * Every gesture as a pure command `(graph, args) → graph`, shared by mouse, keyboard, menus and tests.
 *
 * A command that has nothing to do gives the same graph back, so history keeps no empty entries.
 */
import { exitsOf, isTrigger, kindOf, mainExit, newNode, openExit } from "./catalog";
import { freePlace, placeBelow, pushDown, ROW, snap, upperLeft } from "./layout";
import type { Catalog, Graph, GraphEdge, GraphNode, JourneySettings, Kind, Point, Settings } from "./types";
import { edgeAt, nodeById } from "./walk";

export { tidy } from "./layout";

type Place = { from: string; exit: string };

/** A card put freely on the canvas. */
export function addNode(graph: Graph, args: { kind: Kind; id: string; position: Point }): Graph {
  const node = newNode(args.kind, args.id, freePlace(graph, snap(args.position)));
  return { ...graph, nodes: [...graph.nodes, node] };
}

/** A new card at an exit: spliced into the edge when there is one, hung on the open exit otherwise. */
export function addAfter(graph: Graph, args: Place & { catalog: Catalog; kind: Kind; id: string }): Graph {
  if (!nodeById(graph, args.from) || args.kind.role === "trigger") return graph;
  const edge = edgeAt(graph, args.from, args.exit);
  const node = newNode(args.kind, args.id, { x: 0, y: 0 });
  if (!edge) {
    node.position = placeBelow(args.catalog, graph, args.from, args.exit);
    return connect({ ...graph, nodes: [...graph.nodes, node] }, { ...args, to: node.id });
  }
  return splice(graph, { catalog: args.catalog, edge, node });
}

/** Where the keyboard and the palette add after a card: a required exit that is open, else the main one. */
export function placeToAdd(catalog: Catalog, graph: Graph, node: GraphNode): string | undefined {
  const open = exitsOf(catalog, node).find((exit) => exit.required && !edgeAt(graph, node.id, exit.id));
  return open?.id ?? mainExit(catalog, node) ?? openExit(catalog, graph, node);
}

/** Put a card that already stands on the canvas, with nothing before or after it, into an edge. */
export function spliceExisting(graph: Graph, args: Place & { catalog: Catalog; id: string }): Graph {
  const edge = edgeAt(graph, args.from, args.exit);
  const node = nodeById(graph, args.id);
  const tied = graph.edges.some((one) => one.from === args.id || one.to === args.id);
  if (!edge || !node || tied || isTrigger(args.catalog, node)) return graph;
  const without = { ...graph, nodes: graph.nodes.filter((one) => one.id !== node.id) };
  return splice(without, { catalog: args.catalog, edge, node: { ...node } });
}

function splice(graph: Graph, args: { catalog: Catalog; edge: GraphEdge; node: GraphNode }): Graph {
  const { edge, node } = args;
  const target = nodeById(graph, edge.to)!;
  const source = nodeById(graph, edge.from)!;
  const below = target.position.y > source.position.y;
  const place = placeBelow(args.catalog, graph, edge.from, edge.exit);
  node.position = below ? { x: target.position.x, y: source.position.y + ROW } : place;
  const roomy = below ? pushDown(graph, edge.to, node.position) : graph;
  node.position = freePlace(roomy, node.position);
  const onward = mainExit(args.catalog, node);
  const edges = roomy.edges.map((one) => (sameExit(one, edge) ? { ...edge, to: node.id } : one));
  if (onward) edges.push({ from: node.id, exit: onward, to: edge.to });
  return { ...roomy, nodes: [...roomy.nodes, node], edges };
}

/** Lead an exit to a node; what it led to before is let go. */
export function connect(graph: Graph, args: Place & { to: string }): Graph {
  if (args.from === args.to || !nodeById(graph, args.from) || !nodeById(graph, args.to)) return graph;
  if (edgeAt(graph, args.from, args.exit)?.to === args.to) return graph;
  const edge = { from: args.from, exit: args.exit, to: args.to };
  return { ...graph, edges: [...graph.edges.filter((one) => !sameExit(one, edge)), edge] };
}

export function disconnect(graph: Graph, args: Place): Graph {
  const edges = graph.edges.filter((one) => !sameExit(one, args));
  return edges.length === graph.edges.length ? graph : { ...graph, edges };
}

/** Delete and heal: whoever led to a deleted card now leads to what followed it along its main exit. */
export function deleteNodes(graph: Graph, args: { catalog: Catalog; ids: string[] }): Graph {
  const gone = new Set(args.ids.filter((id) => nodeById(graph, id)));
  if (gone.size === 0) return graph;
  const edges = graph.edges.flatMap((edge) => {
    if (gone.has(edge.from)) return [];
    if (!gone.has(edge.to)) return [edge];
    const to = survivor(graph, args.catalog, edge.to, gone);
    return to && to !== edge.from ? [{ ...edge, to }] : [];
  });
  return { ...graph, nodes: graph.nodes.filter((node) => !gone.has(node.id)), edges };
}

function survivor(graph: Graph, catalog: Catalog, start: string, gone: Set<string>): string | undefined {
  const seen = new Set<string>();
  let here: string | undefined = start;
  while (here && gone.has(here) && !seen.has(here)) {
    seen.add(here);
    here = onward(graph, catalog, here);
  }
  return here && !gone.has(here) ? here : undefined;
}

/** What follows a card: along its main exit, else along the first exit that leads anywhere. */
function onward(graph: Graph, catalog: Catalog, id: string): string | undefined {
  const exits = exitsOf(catalog, nodeById(graph, id)!).map((exit) => exit.id);
  return exits.map((exit) => edgeAt(graph, id, exit)?.to).find((to) => to !== undefined);
}

export function moveNodes(graph: Graph, args: { to: Record<string, Point> }): Graph {
  let moved = false;
  const nodes = graph.nodes.map((node) => {
    const to = args.to[node.id];
    if (!to || (to.x === node.position.x && to.y === node.position.y)) return node;
    moved = true;
    return { ...node, position: to };
  });
  return moved ? { ...graph, nodes } : graph;
}

/** Change one setting; edges from exits that the change took away go with them. */
export function changeSetting(
  graph: Graph,
  args: { catalog: Catalog; id: string; name: string; value: unknown },
): Graph {
  const node = nodeById(graph, args.id);
  if (!node || Object.is(node.settings[args.name], args.value)) return graph;
  const settings: Settings = { ...node.settings, [args.name]: args.value };
  if (args.value === undefined) delete settings[args.name];
  const changed = replaceNode(graph, { ...node, settings });
  return dropDeadEdges(changed, args.catalog, args.id);
}

function dropDeadEdges(graph: Graph, catalog: Catalog, id: string): Graph {
  const exits = new Set(exitsOf(catalog, nodeById(graph, id)!).map((exit) => exit.id));
  const edges = graph.edges.filter((edge) => edge.from !== id || exits.has(edge.exit));
  return edges.length === graph.edges.length ? graph : { ...graph, edges };
}

export function changeNote(graph: Graph, args: { id: string; note: string }): Graph {
  const node = nodeById(graph, args.id);
  return node && (node.note ?? "") !== args.note ? replaceNode(graph, { ...node, note: args.note }) : graph;
}

export function changeJourney(graph: Graph, args: { settings: Partial<JourneySettings> }): Graph {
  return { ...graph, settings: { ...graph.settings, ...args.settings } };
}

/** Disable the cards, or enable them when all are disabled. Customers pass through a disabled card. */
export function toggleDisabled(graph: Graph, args: { catalog: Catalog; ids: string[] }): Graph {
  const chosen = graph.nodes.filter((node) => args.ids.includes(node.id) && !isTrigger(args.catalog, node));
  if (chosen.length === 0) return graph;
  const disabled = !chosen.every((node) => node.disabled);
  const ids = new Set(chosen.map((node) => node.id));
  return { ...graph, nodes: graph.nodes.map((node) => (ids.has(node.id) ? { ...node, disabled } : node)) };
}

/** Make a card another kind and keep its edges: exits of the same name stay, the others move to the first free one. */
export function replaceKind(graph: Graph, args: { catalog: Catalog; id: string; kind: string }): Graph {
  const node = nodeById(graph, args.id);
  const kind = kindOf(args.catalog, args.kind);
  if (!node || !kind || node.kind === kind.kind) return graph;
  const fresh = { ...newNode(kind, node.id, node.position), note: node.note, disabled: node.disabled };
  const exits = exitsOf(args.catalog, fresh).map((exit) => exit.id);
  const old = graph.edges.filter((edge) => edge.from === node.id);
  const taken = new Set(old.map((edge) => edge.exit).filter((exit) => exits.includes(exit)));
  const rewired = old.flatMap((edge) => {
    if (exits.includes(edge.exit)) return [edge];
    const exit = exits.find((one) => !taken.has(one));
    if (!exit) return [];
    taken.add(exit);
    return [{ ...edge, exit }];
  });
  const edges = [...graph.edges.filter((edge) => edge.from !== node.id), ...rewired];
  return { ...replaceNode(graph, fresh), edges };
}

export type Piece = { nodes: GraphNode[]; edges: GraphEdge[] };

/** The chosen cards and the edges between them, to be pasted here or elsewhere. */
export function cut(graph: Graph, ids: string[]): Piece {
  const chosen = new Set(ids);
  return {
    nodes: graph.nodes.filter((node) => chosen.has(node.id)),
    edges: graph.edges.filter((edge) => chosen.has(edge.from) && chosen.has(edge.to)),
  };
}

/** The upper left corner of a piece, moved. */
export function besides(piece: Piece, by: Point): Point {
  const corner = upperLeft(piece.nodes);
  return { x: corner.x + by.x, y: corner.y + by.y };
}

/** Put a copied piece on the canvas under new ids, its upper left corner at `at`. */
export function paste(graph: Graph, args: { piece: Piece; ids: Record<string, string>; at: Point }): Graph {
  if (args.piece.nodes.length === 0) return graph;
  const corner = upperLeft(args.piece.nodes);
  const nodes = args.piece.nodes.map((node) => ({
    ...structuredClone(node),
    id: args.ids[node.id]!,
    position: snap({ x: node.position.x - corner.x + args.at.x, y: node.position.y - corner.y + args.at.y }),
  }));
  const edges = args.piece.edges.map((edge) => ({ ...edge, from: args.ids[edge.from]!, to: args.ids[edge.to]! }));
  return { ...graph, nodes: [...graph.nodes, ...nodes], edges: [...graph.edges, ...edges] };
}

/** Take a whole other graph: a file, a template, the newer draft of a colleague. */
export function takeGraph(_graph: Graph, args: { graph: Graph }): Graph {
  return args.graph;
}

function replaceNode(graph: Graph, node: GraphNode): Graph {
  return { ...graph, nodes: graph.nodes.map((one) => (one.id === node.id ? node : one)) };
}

function sameExit(edge: GraphEdge, place: Place): boolean {
  return edge.from === place.from && edge.exit === place.exit;
}
