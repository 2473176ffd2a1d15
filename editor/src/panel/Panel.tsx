/** The settings panel beside the canvas: the chosen node's form, or the journey's own settings. */
import CloseOutlined from "@ant-design/icons/es/icons/CloseOutlined";
import { useTranslation } from "react-i18next";
import { useCanvasUi } from "@/canvas/ui";
import { kindOf } from "@/journey/catalog";
import { useCatalog, useEditor, useNode } from "@/journey/store";
import { testIds } from "@/journey/testids";
import { JourneyForm } from "./JourneyForm";
import { leaveField } from "./leave";
import { NodeForm } from "./NodeForm";
import { NodeHead } from "./NodeHead";
import { useWidth } from "./useWidth";
import "./panel.css";

export function Panel() {
  const { t } = useTranslation("canvas");
  const catalog = useCatalog();
  const chosen = useEditor((state) => (state.selection.length === 1 ? state.selection[0]! : ""));
  const node = useNode(chosen);
  const kind = node && kindOf(catalog, node.kind);
  const journeyToo = useCanvasUi((ui) => ui.journeySettings);
  const set = useCanvasUi((ui) => ui.set);
  const { width, grip } = useWidth();
  if (!node && !journeyToo) return null;
  const close = () => (node ? useEditor.getState().select([]) : set({ journeySettings: false }));
  return (
    <aside
      className="panel"
      data-testid={testIds.panel}
      aria-label={t("panel.label")}
      style={{ width }}
      onKeyDown={leaveField}
    >
      <div
        className="panel-grip"
        role="separator"
        aria-orientation="vertical"
        aria-label={t("panel.resize")}
        {...grip}
      />
      <header className="panel-head">
        {node ? <NodeHead node={node} kind={kind} /> : <h2>{t("panel.journey")}</h2>}
        <button
          type="button"
          className="icon-button"
          aria-label={t("panel.close")}
          title={t("panel.close")}
          onClick={close}
        >
          <CloseOutlined />
        </button>
      </header>
      <div className="panel-body" key={node?.id ?? "journey"}>
        {node && kind && <NodeForm node={node} kind={kind} />}
        {node && !kind && <p className="panel-problem">{t("card.unknown")}</p>}
        {!node && <JourneyForm />}
      </div>
    </aside>
  );
}
