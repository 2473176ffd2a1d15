/** The outline of a card where it would stand if it were let go now. */
import { ViewportPortal } from "@xyflow/react";
import { useLanguage } from "@/app/i18n";
import { IconTile } from "@/faces/icons";
import { say } from "@/journey/words";
import { useCanvasUi } from "./ui";

export function GhostCard() {
  const ghost = useCanvasUi((ui) => ui.ghost);
  const kind = useCanvasUi((ui) => ui.dragged);
  const language = useLanguage();
  if (!ghost || !kind) return null;
  return (
    <ViewportPortal>
      <div
        className="ghost"
        data-edge={ghost.edge ? true : undefined}
        style={{ transform: `translate(${ghost.at.x}px, ${ghost.at.y}px)` }}
      >
        <IconTile icon={kind.icon} shelf={kind.shelf} />
        {say(kind.title, language)}
      </div>
    </ViewportPortal>
  );
}
