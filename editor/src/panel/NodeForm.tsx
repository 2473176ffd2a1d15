/** The form of one node, made from the catalog: its sentence, its settings, a note for colleagues. */
import Input from "antd/es/input";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/app/i18n";
import { changeNote, changeSetting } from "@/journey/commands";
import { useNodeProblems } from "@/journey/problems";
import { sentence } from "@/journey/sentences";
import { graphOf, useCatalog, useEditor, useReadOnly } from "@/journey/store";
import type { Graph, GraphNode, Kind, Problem } from "@/journey/types";
import { problemText } from "@/journey/validation";
import { say } from "@/journey/words";
import { FormContext, type Form } from "./form";
import { SettingRow } from "./SettingRow";

export function NodeForm({ node, kind }: { node: GraphNode; kind: Kind }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const readOnly = useReadOnly();
  const problems = useNodeProblems(node.id);
  const events = useEditor((state) => eventsOf(graphOf(state), node));
  const run = useEditor((state) => state.run);
  const form: Form = useMemo(
    () => ({ language, readOnly, kind, events: events.split("\n") }),
    [language, readOnly, kind, events],
  );
  const change = (name: string, value: unknown) =>
    run((graph) => changeSetting(graph, { catalog, id: node.id, name, value }), `${node.id} ${name}`);
  const shown = kind.settings.map((spec) => spec.name);
  return (
    <FormContext value={form}>
      <p className="panel-sentence">{sentence(catalog, kind, node.settings, language)}</p>
      <GraphProblems problems={problems.filter((one) => !one.setting || !shown.includes(one.setting))} />
      {kind.settings.map((spec) => (
        <SettingRow
          key={spec.name}
          id={`setting-${node.id}-${spec.name}`}
          spec={spec}
          value={node.settings[spec.name]}
          change={(value) => change(spec.name, value)}
          problem={problemOf(problems, spec.name, language)}
        />
      ))}
      <div className="setting setting-note">
        <label htmlFor={`note-${node.id}`}>{t("panel.note")}</label>
        <Input.TextArea
          id={`note-${node.id}`}
          value={node.note ?? ""}
          maxLength={1000}
          autoSize={{ minRows: 1, maxRows: 6 }}
          placeholder={t("panel.noteHint")}
          disabled={readOnly}
          onChange={(event) =>
            run((graph) => changeNote(graph, { id: node.id, note: event.target.value }), `${node.id} note`)
          }
        />
      </div>
    </FormContext>
  );
}

/** What is wrong with how the node stands in the graph, each remedy said once. */
function GraphProblems({ problems }: { problems: Problem[] }) {
  const language = useLanguage();
  if (problems.length === 0) return null;
  const lines = [
    ...problems.map((one) => say(one.message, language)),
    ...problems.map((one) => say(one.remedy, language)),
  ];
  const severity = problems.some((one) => one.severity === "error") ? "error" : "warning";
  return (
    <div className="panel-problem" data-severity={severity} role="status">
      {[...new Set(lines.filter(Boolean))].map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

function problemOf(problems: Problem[], setting: string, language: "en" | "zh"): string | undefined {
  const found = problems.find((one) => one.setting === setting);
  return found && problemText(found, language);
}

/** The events whose properties matter here: the node's own, or those that start the journey. One text, to compare. */
function eventsOf(graph: Graph, node: GraphNode): string {
  if (typeof node.settings.event === "string" && node.settings.event) return node.settings.event;
  const starting = graph.nodes.filter((one) => !graph.edges.some((edge) => edge.to === one.id));
  const names = starting.map((one) => one.settings.event).filter((name) => typeof name === "string" && name);
  return names.join("\n");
}
