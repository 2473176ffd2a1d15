/** A kind dragged from the palette: a ghost shows where it will stand or which edge it will go into. */
import { useReactFlow } from "@xyflow/react";
import { useCallback, type DragEvent } from "react";
import { CARD } from "@/journey/layout";
import { useEditor } from "@/journey/store";
import { edgeUnder, placeOf } from "./flow";
import { useCanvasUi } from "./ui";

export function usePaletteDrop() {
  const { screenToFlowPosition } = useReactFlow();
  const set = useCanvasUi((ui) => ui.set);

  const target = useCallback(
    (event: DragEvent) => {
      const { dragged } = useCanvasUi.getState();
      const at = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const edge = dragged?.role === "node" ? edgeUnder(event.clientX, event.clientY) : null;
      return { at: { x: at.x - CARD.width / 2, y: at.y - 24 }, edge };
    },
    [screenToFlowPosition],
  );

  const onDragOver = useCallback(
    (event: DragEvent) => {
      if (!useCanvasUi.getState().dragged) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      set({ ghost: target(event) });
    },
    [set, target],
  );

  const onDragLeave = useCallback(
    (event: DragEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget as Element | null)) set({ ghost: null });
    },
    [set],
  );

  const onDrop = useCallback(
    (event: DragEvent) => {
      const { dragged } = useCanvasUi.getState();
      if (!dragged) return;
      event.preventDefault();
      const { at, edge } = target(event);
      set({ ghost: null, dragged: null });
      useEditor.getState().add(dragged, edge ? placeOf(edge) : { at });
    },
    [set, target],
  );

  return { onDragOver, onDragLeave, onDrop };
}
