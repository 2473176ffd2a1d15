/** The small tools on the canvas: zoom, fit, tidy up, the overview map, the list of keys. */
import AimOutlined from "@ant-design/icons/es/icons/AimOutlined";
import ApartmentOutlined from "@ant-design/icons/es/icons/ApartmentOutlined";
import MinusOutlined from "@ant-design/icons/es/icons/MinusOutlined";
import PictureOutlined from "@ant-design/icons/es/icons/PictureOutlined";
import PlusOutlined from "@ant-design/icons/es/icons/PlusOutlined";
import QuestionOutlined from "@ant-design/icons/es/icons/QuestionOutlined";
import { Panel, useReactFlow, useStore } from "@xyflow/react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/app/format";
import { useStill } from "@/app/look";
import * as commands from "@/journey/commands";
import { useEditor, useReadOnly } from "@/journey/store";
import { useCanvasUi } from "./ui";
import { FIT } from "./view";

export function Tools() {
  const { t } = useTranslation("canvas");
  const { percent } = useFormat();
  const { zoomIn, zoomOut, zoomTo, fitView } = useReactFlow();
  const zoom = useStore((flow) => flow.transform[2]);
  const minimap = useCanvasUi((ui) => ui.minimap);
  const set = useCanvasUi((ui) => ui.set);
  const readOnly = useReadOnly();
  const duration = useStill() ? 0 : 150;
  const tidy = () => {
    const { run, catalog } = useEditor.getState();
    run((graph) => commands.tidy(catalog, graph));
    requestAnimationFrame(() => void fitView({ ...FIT, duration }));
  };
  return (
    <Panel position="bottom-left" className="tools">
      <Tool label={t("tools.out")} act={() => void zoomOut({ duration })} icon={<MinusOutlined />} />
      <button
        type="button"
        className="tool-zoom"
        aria-label={t("tools.whole")}
        onClick={() => void zoomTo(1, { duration })}
      >
        {percent(Math.round(zoom * 100) / 100)}
      </button>
      <Tool label={t("tools.in")} act={() => void zoomIn({ duration })} icon={<PlusOutlined />} />
      <i />
      <Tool label={t("tools.fit")} act={() => void fitView({ ...FIT, duration })} icon={<AimOutlined />} />
      {!readOnly && <Tool label={t("tools.tidy")} act={tidy} icon={<ApartmentOutlined />} />}
      <Tool
        label={t("tools.minimap")}
        act={() => set({ minimap: !minimap })}
        icon={<PictureOutlined />}
        pressed={minimap}
      />
      <Tool label={t("tools.keys")} act={() => set({ shortcuts: true })} icon={<QuestionOutlined />} />
    </Panel>
  );
}

function Tool({ label, act, icon, pressed }: { label: string; act: () => void; icon: ReactNode; pressed?: boolean }) {
  return (
    <button type="button" className="icon-button" aria-label={label} aria-pressed={pressed} title={label} onClick={act}>
      {icon}
    </button>
  );
}
