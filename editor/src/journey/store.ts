/**
 * The open journey: its draft with history, what is selected, what the server said about it.
 *
 * Every change of the graph goes through `run` with a command, so each is one entry of undo and one autosave.
 */
import { create } from "zustand";
import { kindOf } from "./catalog";
import * as commands from "./commands";
import { begin, canRedo, canUndo, record, redo, undo, type History } from "./history";
import { CARD, GAP } from "./layout";
import { noNames, type Names } from "./ruleSentence";
import { emptyGraph, type Catalog, type Graph, type Kind, type Point, type Problem } from "./types";
import { validate } from "./validation";
import { nodeById } from "./walk";

export type SaveState = "saved" | "pending" | "saving" | "offline" | "conflict" | "refused";
export type Draft = { name: string; graph: Graph; revision: number; problems: Problem[] };

/** Where a menu for adding puts what is chosen: at an exit (open or wired) or at a free point. */
export type AddPlace = { from: string; exit: string } | { at: Point };

export type Editing = {
  journeyId: string;
  catalog: Catalog;
  name: string;
  history: History<Graph>;
  selection: string[];
  revision: number;
  save: SaveState;
  /** What the server said, and the graph it said it about. */
  serverProblems: Problem[];
  serverGraph: Graph;
  localProblems: Problem[];
  /** The newer draft somebody else saved, while the marketer decides. */
  theirs: Draft | null;
  theirRevision: number;
  /** A published version on show instead of the draft; nothing can be changed then. */
  shown: { version: number; graph: Graph } | null;
  /** Who only looks changes nothing: the engine would refuse it. */
  mayEdit: boolean;
  /** Names of what the journey knows by id: segments, other journeys, pools. */
  names: Names;
};

export type EditorStore = Editing & {
  open: (journeyId: string, catalog: Catalog, draft: Draft, mayEdit?: boolean) => void;
  run: (command: (graph: Graph) => Graph, group?: string) => void;
  undo: () => void;
  redo: () => void;
  select: (ids: string[]) => void;
  rename: (name: string) => void;
  add: (kind: Kind, place: AddPlace) => string | null;
  addBelowSelection: (kind: Kind, at: Point) => string | null;
  duplicate: () => void;
  paste: (piece: commands.Piece, at: Point) => void;
  remove: (ids: string[]) => void;
  show: (shown: Editing["shown"]) => void;
};

const nothing: Editing = {
  journeyId: "",
  catalog: { shelves: [], kinds: [], journey: [], operators: [], units: [] },
  name: "",
  history: begin(emptyGraph()),
  selection: [],
  revision: 0,
  save: "saved",
  serverProblems: [],
  serverGraph: emptyGraph(),
  localProblems: [],
  theirs: null,
  theirRevision: 0,
  shown: null,
  mayEdit: true,
  names: noNames,
};

export const useEditor = create<EditorStore>((set, get) => ({
  ...nothing,

  open: (journeyId, catalog, draft, mayEdit = true) =>
    set({
      ...nothing,
      names: get().names,
      mayEdit,
      journeyId,
      catalog,
      name: draft.name,
      history: begin(draft.graph),
      revision: draft.revision,
      serverProblems: draft.problems,
      serverGraph: draft.graph,
      localProblems: validate(catalog, draft.graph),
    }),

  run: (command, group) => {
    set((state) => turnTo(state, record(state.history, command(state.history.now), Date.now(), group ?? null)));
  },
  undo: () => set((state) => turnTo(state, undo(state.history))),
  redo: () => set((state) => turnTo(state, redo(state.history))),
  select: (ids) => set((state) => (sameIds(state.selection, ids) ? state : { selection: ids })),
  rename: (name) => set((state) => (name === state.name ? state : { name, save: unsaved(state.save) })),

  add: (kind, place) => {
    const id = freshId(get().history.now);
    const { catalog, run } = get();
    if ("at" in place) run((graph) => commands.addNode(graph, { kind, id, position: place.at }));
    else run((graph) => commands.addAfter(graph, { ...place, catalog, kind, id }));
    if (!nodeById(get().history.now, id)) return null;
    set({ selection: [id] });
    return id;
  },

  addBelowSelection: (kind, at) => {
    const { catalog, history, selection, add } = get();
    const node = selection.length === 1 ? nodeById(history.now, selection[0]!) : undefined;
    const exit = node && kind.role === "node" ? commands.placeToAdd(catalog, history.now, node) : undefined;
    return add(kind, node && exit ? { from: node.id, exit } : { at });
  },

  duplicate: () => {
    const { history, selection, paste } = get();
    const piece = commands.cut(history.now, selection);
    if (piece.nodes.length) paste(piece, commands.besides(piece, { x: CARD.width + GAP.x, y: 0 }));
  },

  paste: (piece, at) => {
    const ids: Record<string, string> = {};
    for (const node of piece.nodes) ids[node.id] = freshId(get().history.now);
    get().run((graph) => commands.paste(graph, { piece, ids, at }));
    set({ selection: Object.values(ids) });
  },

  remove: (ids) => {
    const { catalog, history, run } = get();
    const next = ids.length === 1 ? history.now.edges.find((edge) => edge.from === ids[0])?.to : undefined;
    run((graph) => commands.deleteNodes(graph, { catalog, ids }));
    set({ selection: next && nodeById(get().history.now, next) ? [next] : [] });
  },

  show: (shown) => set({ shown, selection: [] }),
}));

/** A change of the draft: known nodes stay selected, marks are set anew, the save begins. */
function turnTo(state: Editing, history: History<Graph>): Partial<Editing> {
  if (history === state.history || isReadOnly(state)) return {};
  const known = new Set(history.now.nodes.map((node) => node.id));
  const selection = state.selection.filter((id) => known.has(id));
  return {
    history,
    selection: selection.length === state.selection.length ? state.selection : selection,
    localProblems: validate(state.catalog, history.now),
    save: unsaved(state.save),
  };
}

/** A draft that waits for a decision about a conflict goes on waiting. */
const unsaved = (save: SaveState): SaveState => (save === "conflict" ? "conflict" : "pending");

const sameIds = (a: string[], b: string[]) => a.length === b.length && a.every((id, index) => id === b[index]);

/** An id no node of the graph has; random, so that a deleted node's id is not taken again by another. */
export function freshId(graph: Graph): string {
  const random = crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36).padStart(7, "0");
  const id = `n${random}`;
  return nodeById(graph, id) ? freshId(graph) : id;
}

export const graphOf = (state: Editing): Graph => state.shown?.graph ?? state.history.now;
export const useGraph = () => useEditor(graphOf);
export const useNode = (id: string) => useEditor((state) => nodeById(graphOf(state), id));
export const isReadOnly = (state: Editing): boolean => state.shown !== null || !state.mayEdit;
export const useReadOnly = () => useEditor(isReadOnly);
export const useCatalog = () => useEditor((state) => state.catalog);
export const useKind = (kind: string) => useEditor((state) => kindOf(state.catalog, kind));
export const useCanUndo = () => useEditor((state) => !isReadOnly(state) && canUndo(state.history));
export const useCanRedo = () => useEditor((state) => !isReadOnly(state) && canRedo(state.history));
