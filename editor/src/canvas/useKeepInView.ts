/** The card being edited stays in sight: when the panel opens or a card is chosen by key, the view moves just enough. */
import { useReactFlow, useStore } from "@xyflow/react";
import { useEffect } from "react";
import { useStill } from "@/app/look";
import { CARD } from "@/journey/layout";
import { graphOf, useEditor } from "@/journey/store";
import { nodeById } from "@/journey/walk";
import { wayIntoView } from "./view";

export function useKeepInView(): void {
  const { getViewport, setViewport } = useReactFlow();
  const width = useStore((flow) => flow.width);
  const height = useStore((flow) => flow.height);
  const chosen = useEditor((state) => (state.selection.length === 1 ? state.selection[0] : undefined));
  const still = useStill();
  useEffect(() => {
    const node = chosen && nodeById(graphOf(useEditor.getState()), chosen);
    if (!node || !width) return;
    const { x, y, zoom } = getViewport();
    const card = {
      x: node.position.x * zoom + x,
      y: node.position.y * zoom + y,
      width: CARD.width * zoom,
      height: (CARD.height + 40) * zoom,
    };
    const way = wayIntoView(card, { width, height });
    if (way.x || way.y) void setViewport({ x: x + way.x, y: y + way.y, zoom }, { duration: still ? 0 : 150 });
  }, [chosen, width, height, still, getViewport, setViewport]);
}
