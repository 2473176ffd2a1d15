/** The canvas by keyboard. Keys typed into a field or an open dialogue stay there. */
import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { useStill } from "@/app/look";
import * as commands from "@/journey/commands";
import { readPiece, writePiece } from "@/journey/file";
import { CARD, GAP } from "@/journey/layout";
import { graphOf, isReadOnly, useEditor } from "@/journey/store";
import { neighbour, nodeById, type Direction } from "@/journey/walk";
import { placeOf } from "./flow";
import { actOf, type Act } from "./shortcuts";
import { useCanvasUi } from "./ui";
import { FIT, middleOfCanvas } from "./view";

const ELSEWHERE = "input, textarea, select, [contenteditable], .ant-modal, .ant-drawer-open, .ant-dropdown, .add-menu";

export function useKeyboard(): void {
  const { fitView } = useReactFlow();
  const still = useStill();
  useEffect(() => {
    const fit = () => void fitView({ ...FIT, duration: still ? 0 : 150 });
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (event.defaultPrevented || target.closest?.(ELSEWHERE)) return;
      const act = actOf(event);
      if (act && perform(act, fit, target)) event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [fitView, still]);
  useClipboard();
}

/** Do what a key stands for; false leaves the key to the browser. */
function perform(act: Act, fit: () => void, target: Element): boolean {
  const editor = useEditor.getState();
  const { selection, catalog, run } = editor;
  if (act === "add") return isOnCanvas(target) && openMenuBelow();
  if (act === "undo") return (editor.undo(), true);
  if (act === "redo") return (editor.redo(), true);
  if (act === "fit") return (fit(), true);
  if (act === "tidy") return (run((graph) => commands.tidy(catalog, graph)), true);
  if (act === "help") return (useCanvasUi.getState().set({ shortcuts: true }), true);
  if (act === "all") return (editor.select(graphOf(editor).nodes.map((node) => node.id)), true);
  if (act === "delete") return removeChosen();
  if (selection.length === 0) return false;
  if (act === "leave") return (editor.select([]), true);
  if (act === "duplicate") return (editor.duplicate(), true);
  if (act === "disable") return (run((graph) => commands.toggleDisabled(graph, { catalog, ids: selection })), true);
  if (act === "up" || act === "down" || act === "left" || act === "right") return walk(act);
  return false;
}

function isOnCanvas(target: Element): boolean {
  return target === document.body || target.closest(".canvas") !== null;
}

function openMenuBelow(): boolean {
  const editor = useEditor.getState();
  const { catalog, selection } = editor;
  const graph = graphOf(editor);
  const node = selection.length === 1 && !isReadOnly(editor) ? nodeById(graph, selection[0]!) : undefined;
  const exit = node && commands.placeToAdd(catalog, graph, node);
  if (!node || !exit) return false;
  const box = cardElement(node.id)?.getBoundingClientRect();
  const middle = middleOfCanvas();
  useCanvasUi.getState().openMenu({
    place: { from: node.id, exit },
    x: box ? box.left + box.width / 2 : middle.x,
    y: box ? box.bottom + 8 : middle.y,
  });
  return true;
}

function removeChosen(): boolean {
  const { selection, remove, run } = useEditor.getState();
  const { edge, set } = useCanvasUi.getState();
  if (selection.length) remove(selection);
  else if (edge) run((graph) => commands.disconnect(graph, placeOf(edge)));
  else return false;
  set({ edge: null });
  return true;
}

function walk(direction: Direction): boolean {
  const editor = useEditor.getState();
  const from = editor.selection[editor.selection.length - 1]!;
  const to = neighbour(graphOf(editor), from, direction);
  if (!to) return true;
  editor.select([to]);
  cardElement(to)?.focus({ preventScroll: true });
  return true;
}

const cardElement = (id: string): HTMLElement | null =>
  document.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);

/** Copy, cut and paste as text, so that a piece of a journey also travels to another journey or into a chat. */
function useClipboard(): void {
  useEffect(() => {
    const elsewhere = (event: ClipboardEvent) => (event.target as Element).closest?.(ELSEWHERE) !== null;
    const take = (event: ClipboardEvent): string[] => {
      const { selection } = useEditor.getState();
      if (elsewhere(event) || selection.length === 0 || String(getSelection())) return [];
      const piece = commands.cut(graphOf(useEditor.getState()), selection);
      event.clipboardData?.setData("text/plain", writePiece(piece));
      event.preventDefault();
      return selection;
    };
    const onCopy = (event: ClipboardEvent) => void take(event);
    const onCut = (event: ClipboardEvent) => {
      const ids = take(event);
      if (ids.length) useEditor.getState().remove(ids);
    };
    const onPaste = (event: ClipboardEvent) => {
      const piece = elsewhere(event) ? null : readPiece(event.clipboardData?.getData("text/plain") ?? "");
      if (!piece || piece.nodes.length === 0) return;
      event.preventDefault();
      useEditor.getState().paste(piece, commands.besides(piece, { x: CARD.width + GAP.x, y: 0 }));
    };
    addEventListener("copy", onCopy);
    addEventListener("cut", onCut);
    addEventListener("paste", onPaste);
    return () => {
      removeEventListener("copy", onCopy);
      removeEventListener("cut", onCut);
      removeEventListener("paste", onPaste);
    };
  }, []);
}
