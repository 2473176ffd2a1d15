/** The journey's part of the top bar: name, state, save state, undo and redo, problems, publish. */
import LeftOutlined from "@ant-design/icons/es/icons/LeftOutlined";
import RedoOutlined from "@ant-design/icons/es/icons/RedoOutlined";
import SettingOutlined from "@ant-design/icons/es/icons/SettingOutlined";
import UndoOutlined from "@ant-design/icons/es/icons/UndoOutlined";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { TopBar } from "@/app/TopBar";
import { useCanvasUi } from "@/canvas/ui";
import type { Journey } from "@/journey/queries";
import { useCanRedo, useCanUndo, useEditor, useReadOnly } from "@/journey/store";
import { testIds } from "@/journey/testids";
import { JourneyMenu } from "./JourneyMenu";
import { JourneyName } from "./JourneyName";
import { Problems } from "./Problems";
import { PublishButton } from "./PublishButton";
import { ResultsButton } from "./ResultsButton";
import { SaveState } from "./SaveState";
import { VersionChoice } from "./VersionChoice";

type Props = { journey: Journey; version: number | null; show: (version: number | null) => void };

const TONES: Record<string, string> = { live: "good", paused: "warn", stopped: "bad" };

export function JourneyBar({ journey, version, show }: Props) {
  const { t } = useTranslation("canvas");
  const canUndo = useCanUndo();
  const canRedo = useCanRedo();
  const readOnly = useReadOnly();
  const mayEdit = useEditor((state) => state.mayEdit);
  const { undo, redo } = useEditor.getState();
  return (
    <TopBar>
      <Link to="/journeys" className="icon-button" aria-label={t("bar.back")} title={t("bar.back")}>
        <LeftOutlined />
      </Link>
      <JourneyName readOnly={readOnly} />
      <span className="tag" data-tone={TONES[journey.status]} data-testid="journey-status" data-status={journey.status}>
        {t(`status.${journey.status}`)}
      </span>
      <SaveState />
      <div className="topbar-actions">
        {mayEdit && (
          <>
            <Icon label={t("bar.undo")} testId={testIds.undo} disabled={!canUndo} act={undo} icon={<UndoOutlined />} />
            <Icon label={t("bar.redo")} testId={testIds.redo} disabled={!canRedo} act={redo} icon={<RedoOutlined />} />
            <i className="bar-line" />
          </>
        )}
        <Problems />
        <VersionChoice journey={journey} version={version} show={show} />
        <ResultsButton journey={journey.id} version={version} />
        <SettingsButton />
        <JourneyMenu journey={journey} />
        {mayEdit && <PublishButton journey={journey} disabled={readOnly} />}
      </div>
    </TopBar>
  );
}

function SettingsButton() {
  const { t } = useTranslation("canvas");
  const open = useCanvasUi((ui) => ui.journeySettings);
  const set = useCanvasUi((ui) => ui.set);
  const toggle = () => {
    useEditor.getState().select([]);
    set({ journeySettings: !open });
  };
  return <Icon label={t("panel.journey")} testId="journey-settings" act={toggle} icon={<SettingOutlined />} />;
}

type IconProps = { label: string; testId: string; act: () => void; icon: ReactNode; disabled?: boolean };

function Icon({ label, testId, act, icon, disabled }: IconProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      data-testid={testId}
      disabled={disabled}
      onClick={act}
    >
      {icon}
    </button>
  );
}
