/** The searchable menu behind every "+": what could come here, chosen by mouse or by arrows and Enter. */
import SearchOutlined from "@ant-design/icons/es/icons/SearchOutlined";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/app/i18n";
import { IconTile } from "@/faces/icons";
import { useCatalog, useEditor } from "@/journey/store";
import { testIds } from "@/journey/testids";
import type { Kind } from "@/journey/types";
import { say } from "@/journey/words";
import { matching } from "./search";
import { useCanvasUi, type Menu } from "./ui";

export function AddMenu() {
  const menu = useCanvasUi((ui) => ui.menu);
  return menu && <OpenMenu key={`${menu.x} ${menu.y}`} menu={menu} />;
}

const WIDTH = 300;
const HEIGHT = 400;

function OpenMenu({ menu }: { menu: Menu }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const close = useCanvasUi((ui) => ui.closeMenu);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const triggersToo = "at" in menu.place;
  const kinds = useMemo(() => matching(catalog, words, triggersToo), [catalog, words, triggersToo]);
  useLeaving(box, close);

  const choose = (kind: Kind | undefined) => {
    if (!kind) return;
    close();
    useEditor.getState().add(kind, menu.place);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((before) => (before + step + kinds.length) % Math.max(1, kinds.length));
    else if (event.key === "Enter") choose(kinds[at]);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const left = Math.max(8, Math.min(menu.x - WIDTH / 2, innerWidth - WIDTH - 8));
  const top = Math.max(56, Math.min(menu.y, innerHeight - HEIGHT - 8));
  return (
    <div
      ref={box}
      className="add-menu"
      role="dialog"
      aria-label={t("add.title")}
      data-testid={testIds.addMenu}
      style={{ left, top, width: WIDTH, maxHeight: HEIGHT }}
      onKeyDown={onKeyDown}
    >
      <label className="add-search">
        <SearchOutlined aria-hidden />
        <input
          autoFocus
          value={words}
          placeholder={t("add.search")}
          aria-label={t("add.search")}
          onChange={(event) => {
            setWords(event.target.value);
            setAt(0);
          }}
        />
      </label>
      <div className="add-kinds" role="listbox" aria-label={t("add.title")}>
        {kinds.map((kind, index) => (
          <button
            key={kind.kind}
            type="button"
            role="option"
            aria-selected={index === at}
            className="add-kind"
            data-testid={testIds.add(kind.kind)}
            onMouseMove={() => setAt(index)}
            onClick={() => choose(kind)}
          >
            <IconTile icon={kind.icon} shelf={kind.shelf} />
            <span>
              <strong>{say(kind.title, language)}</strong>
              <small>{say(kind.help, language)}</small>
            </span>
          </button>
        ))}
        {kinds.length === 0 && <p className="add-none">{t("add.none")}</p>}
      </div>
    </div>
  );
}

/** A press outside closes the menu; when it goes, the focus returns to where it came from. */
function useLeaving(box: React.RefObject<HTMLDivElement | null>, close: () => void): void {
  useEffect(() => {
    const before = document.activeElement;
    const pressed = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Element)) close();
    };
    addEventListener("pointerdown", pressed, true);
    return () => {
      removeEventListener("pointerdown", pressed, true);
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [box, close]);
}
