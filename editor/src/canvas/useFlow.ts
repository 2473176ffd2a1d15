/** What the canvas library reports – moved, measured, selected, connected – turned into commands and selection. */
import {
  useReactFlow,
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
  type OnReconnect,
} from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";
import { useLanguage } from "@/app/i18n";
import type { CardNode } from "@/faces/NodeCard";
import * as commands from "@/journey/commands";
import { CARD, snap } from "@/journey/layout";
import { useCatalog, useEditor, useGraph } from "@/journey/store";
import type { Point } from "@/journey/types";
import type { Line } from "./EdgeLine";
import { cards, edgeUnder, lines, placeOf, type Sizes } from "./flow";
import { useCanvasUi } from "./ui";

export function useFlow() {
  const graph = useGraph();
  const catalog = useCatalog();
  const language = useLanguage();
  const selection = useEditor((state) => state.selection);
  const edge = useCanvasUi((ui) => ui.edge);
  const [moving, setMoving] = useState<Record<string, Point>>({});
  const [sizes, setSizes] = useState<Sizes>({});

  const onNodesChange = useCallback((changes: NodeChange<CardNode>[]) => {
    takeSizes(changes, setSizes);
    takeSelection(changes);
    const moved = changes.filter((change) => change.type === "position" && change.position);
    if (moved.length === 0) return;
    setMoving((before) => ({ ...before, ...positions(moved) }));
  }, []);

  const onDrop = useCallback((dropped: CardNode[]) => {
    const to = Object.fromEntries(dropped.map((node) => [node.id, snap(node.position)]));
    useEditor.getState().run((now) => commands.moveNodes(now, { to }));
    setMoving({});
  }, []);

  return {
    nodes: useMemo(() => cards(graph, selection, moving, sizes), [graph, selection, moving, sizes]),
    edges: useMemo(() => lines(catalog, graph, edge, language), [catalog, graph, edge, language]),
    onNodesChange,
    onEdgesChange: takeEdgeSelection,
    ...useDropOfCards(onDrop),
    ...useConnecting(),
  };
}

/** Dragging cards: a loose card let go over an edge goes into it. */
function useDropOfCards(onDrop: (nodes: CardNode[]) => void) {
  const set = useCanvasUi((ui) => ui.set);
  const onNodeDrag = useCallback(
    (event: MouseEvent | TouchEvent | { clientX: number; clientY: number }, node: CardNode) => {
      const edge = "clientX" in event && isLoose(node.id) ? edgeUnder(event.clientX, event.clientY) : null;
      set({ ghost: edge ? { at: node.position, edge } : null });
    },
    [set],
  );
  const onNodeDragStop = useCallback(
    (_event: unknown, node: CardNode, dropped: CardNode[]) => {
      const edge = useCanvasUi.getState().ghost?.edge;
      set({ ghost: null });
      onDrop(dropped);
      if (!edge) return;
      const { catalog, run } = useEditor.getState();
      run((graph) => commands.spliceExisting(graph, { catalog, id: node.id, ...placeOf(edge) }));
    },
    [set, onDrop],
  );
  return { onNodeDrag, onNodeDragStop };
}

function isLoose(id: string): boolean {
  return !useEditor.getState().history.now.edges.some((edge) => edge.from === id || edge.to === id);
}

/** Drawing an edge by hand: onto a card connects, onto nothing offers what could come next. */
function useConnecting() {
  const { screenToFlowPosition } = useReactFlow();
  const onConnect = useCallback((made: Connection) => {
    useEditor
      .getState()
      .run((graph) => commands.connect(graph, { from: made.source, exit: made.sourceHandle ?? "", to: made.target }));
  }, []);
  const onConnectEnd = useCallback((event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    if (state.isValid || state.toNode || !state.fromNode || state.fromHandle?.type !== "source") return;
    const point = "changedTouches" in event ? event.changedTouches[0]! : event;
    const place = { from: state.fromNode.id, exit: state.fromHandle.id ?? "" };
    useCanvasUi.getState().openMenu({ place, x: point.clientX, y: point.clientY });
  }, []);
  const onReconnect: OnReconnect<Line> = useCallback((old, made) => {
    useEditor.getState().run((graph) => {
      const freed = commands.disconnect(graph, { from: old.source, exit: old.sourceHandle ?? "" });
      return commands.connect(freed, { from: made.source, exit: made.sourceHandle ?? "", to: made.target });
    });
  }, []);
  const onPaneDoubleClick = useCallback(
    (event: { clientX: number; clientY: number }) => {
      const at = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const place = { at: { x: at.x - CARD.width / 2, y: at.y } };
      useCanvasUi.getState().openMenu({ place, x: event.clientX, y: event.clientY });
    },
    [screenToFlowPosition],
  );
  return { onConnect, onConnectEnd, onReconnect, onPaneDoubleClick };
}

function takeSizes(changes: NodeChange<CardNode>[], setSizes: (update: (before: Sizes) => Sizes) => void): void {
  const measured = changes.flatMap((change) =>
    change.type === "dimensions" && change.dimensions ? [[change.id, change.dimensions] as const] : [],
  );
  if (measured.length) setSizes((before) => ({ ...before, ...Object.fromEntries(measured) }));
}

function takeSelection(changes: NodeChange<CardNode>[]): void {
  const chosen = changes.filter((change) => change.type === "select");
  if (chosen.length === 0) return;
  const { selection, select } = useEditor.getState();
  const ids = new Set(selection);
  for (const change of chosen) {
    if (change.selected) ids.add(change.id);
    else ids.delete(change.id);
  }
  select([...ids]);
}

function takeEdgeSelection(changes: EdgeChange<Line>[]): void {
  const chosen = changes.filter((change) => change.type === "select");
  if (chosen.length === 0) return;
  const selected = chosen.find((change) => change.selected);
  useCanvasUi.getState().set({ edge: selected?.id ?? null });
}

function positions(changes: NodeChange<CardNode>[]): Record<string, Point> {
  const at: Record<string, Point> = {};
  for (const change of changes) if (change.type === "position" && change.position) at[change.id] = change.position;
  return at;
}
