/** An empty canvas offers three ways to begin: a trigger, a template, a file. */
import FileTextOutlined from "@ant-design/icons/es/icons/FileTextOutlined";
import AppstoreOutlined from "@ant-design/icons/es/icons/AppstoreOutlined";
import { useReactFlow } from "@xyflow/react";
import App from "antd/es/app";
import { useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/app/i18n";
import { IconTile } from "@/faces/icons";
import { takeGraph } from "@/journey/commands";
import { readFile } from "@/journey/file";
import { usePlaybooks } from "@/journey/queries";
import { useCatalog, useEditor } from "@/journey/store";
import { testIds } from "@/journey/testids";
import type { Graph } from "@/journey/types";
import { say } from "@/journey/words";
import { FIT } from "./view";

export function EmptyCanvas() {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const begin = useBegin();
  const triggers = catalog.kinds.filter((kind) => kind.role === "trigger");
  return (
    <div className="start">
      <h2>{t("start.title")}</h2>
      <p>{t("start.hint")}</p>
      <div className="start-choices">
        <Way title={t("start.trigger")} hint={t("start.triggerHint")}>
          {triggers.map((kind) => (
            <button
              key={kind.kind}
              type="button"
              className="start-choice"
              data-testid={testIds.start(kind.kind)}
              onClick={() => useEditor.getState().add(kind, { at: { x: 0, y: 0 } })}
            >
              <IconTile icon={kind.icon} shelf={kind.shelf} />
              <span>
                <strong>{say(kind.title, language)}</strong>
                <small>{say(kind.help, language)}</small>
              </span>
            </button>
          ))}
        </Way>
        <Templates begin={begin} />
        <Way title={t("start.file")} hint={t("start.fileHint")}>
          <FileChoice begin={begin} />
        </Way>
      </div>
    </div>
  );
}

function Templates({ begin }: { begin: (graph: Graph) => void }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const [wanted, setWanted] = useState(false);
  const playbooks = usePlaybooks(wanted);
  const none = playbooks.isError || playbooks.data?.length === 0;
  return (
    <Way title={t("start.template")} hint={t(none ? "start.noTemplates" : "start.templateHint")}>
      {!wanted && (
        <button
          type="button"
          className="start-choice"
          data-testid={testIds.start("templates")}
          onClick={() => setWanted(true)}
        >
          <AppstoreOutlined aria-hidden />
          <strong>{t("start.showTemplates")}</strong>
        </button>
      )}
      <div className="start-list">
        {playbooks.data?.map((playbook) => (
          <button
            key={playbook.id}
            type="button"
            className="start-choice"
            data-testid={testIds.start(playbook.id)}
            onClick={() => begin(playbook.graph)}
          >
            <AppstoreOutlined aria-hidden />
            <strong>{say(playbook.title, language)}</strong>
          </button>
        ))}
      </div>
    </Way>
  );
}

function Way({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  return (
    <section className="start-way">
      <h3>{title}</h3>
      <p>{hint}</p>
      {children}
    </section>
  );
}

function FileChoice({ begin }: { begin: (graph: Graph) => void }) {
  const { t } = useTranslation("canvas");
  const { message } = App.useApp();
  const input = useRef<HTMLInputElement>(null);
  const read = async (file: File | undefined) => {
    const found = file && readFile(await file.text());
    if (found) begin(found.graph);
    else if (file) void message.error(t("start.notAJourney", { name: file.name }));
  };
  return (
    <>
      <button
        type="button"
        className="start-choice"
        data-testid={testIds.start("file")}
        onClick={() => input.current?.click()}
      >
        <FileTextOutlined aria-hidden />
        <strong>{t("start.chooseFile")}</strong>
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden
        onChange={(event) => {
          void read(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </>
  );
}

function useBegin(): (graph: Graph) => void {
  const { fitView } = useReactFlow();
  return (graph) => {
    useEditor.getState().run((now) => takeGraph(now, { graph }));
    setTimeout(() => void fitView(FIT), 50);
  };
}
