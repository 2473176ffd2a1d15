/** The palette: every kind by shelf, to drag onto the canvas or to click; it folds away. */
import LeftOutlined from "@ant-design/icons/es/icons/LeftOutlined";
import RightOutlined from "@ant-design/icons/es/icons/RightOutlined";
import { useReactFlow } from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/app/i18n";
import { IconTile } from "@/faces/icons";
import { CARD } from "@/journey/layout";
import { useCatalog, useEditor } from "@/journey/store";
import { testIds } from "@/journey/testids";
import type { Kind } from "@/journey/types";
import { say } from "@/journey/words";
import { middleOfCanvas } from "./view";
import { useCanvasUi } from "./ui";

export function Palette() {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const open = useCanvasUi((ui) => ui.palette);
  const set = useCanvasUi((ui) => ui.set);
  const fold = t(open ? "palette.fold" : "palette.unfold");
  return (
    <nav className="palette" data-folded={!open || undefined} aria-label={t("palette.label")}>
      <div className="palette-head">
        {open && <h2>{t("palette.title")}</h2>}
        <button
          type="button"
          className="icon-button"
          aria-label={fold}
          title={fold}
          onClick={() => set({ palette: !open })}
        >
          {open ? <LeftOutlined /> : <RightOutlined />}
        </button>
      </div>
      <div className="palette-shelves">
        {catalog.shelves.map((shelf) => {
          const kinds = catalog.kinds.filter((kind) => kind.shelf === shelf.id);
          if (kinds.length === 0) return null;
          return (
            <section key={shelf.id}>
              {open && <h3>{say(shelf.title, language)}</h3>}
              {kinds.map((kind) => (
                <PaletteItem key={kind.kind} kind={kind} open={open} />
              ))}
            </section>
          );
        })}
      </div>
      {open && <p className="palette-hint">{t("palette.hint")}</p>}
    </nav>
  );
}

function PaletteItem({ kind, open }: { kind: Kind; open: boolean }) {
  const language = useLanguage();
  const set = useCanvasUi((ui) => ui.set);
  const { screenToFlowPosition } = useReactFlow();
  const title = say(kind.title, language);
  const add = () => {
    const middle = screenToFlowPosition(middleOfCanvas());
    useEditor.getState().addBelowSelection(kind, { x: middle.x - CARD.width / 2, y: middle.y - CARD.height / 2 });
  };
  return (
    <button
      type="button"
      className="palette-item"
      draggable
      data-testid={testIds.palette(kind.kind)}
      title={open ? say(kind.help, language) : title}
      aria-label={title}
      onClick={add}
      onDragStart={(event) => {
        event.dataTransfer.setData("text/plain", title);
        event.dataTransfer.effectAllowed = "copy";
        set({ dragged: kind });
      }}
      onDragEnd={() => set({ dragged: null, ghost: null })}
    >
      <IconTile icon={kind.icon} shelf={kind.shelf} small />
      {open && <span>{title}</span>}
    </button>
  );
}
