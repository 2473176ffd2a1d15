/** The form of one node, made from the catalog: its sentence, its settings, a note for colleagues. */
import Input from "antd/es/input";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/app/i18n";
import { useKnownNames } from "@/journey/names";
import { filledIn } from "@/journey/catalog";
import { changeNote, changeSetting } from "@/journey/commands";
import { useNodeProblems } from "@/journey/problems";
import { sentence } from "@/journey/sentences";
import { graphOf, useCatalog, useEditor, useReadOnly } from "@/journey/store";
import type { Graph, GraphNode, Kind, Problem } from "@/journey/types";
import { problemText } from "@/journey/validation";
import { say } from "@/journey/words";
import { FormContext, type Fault, type Form } from "./form";
import { SettingRows } from "./SettingRows";

export function NodeForm({ node, kind }: { node: GraphNode; kind: Kind }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const readOnly = useReadOnly();
  const problems = useNodeProblems(node.id);
  const events = useEditor((state) => eventsOf(graphOf(state), node));
  const run = useEditor((state) => state.run);
  const form: Form = useMemo(
    () => ({ language, readOnly, catalog, kind, events: events.split("\n"), beside: {}, about: "enrollment" }),
    [language, readOnly, catalog, kind, events],
  );
  const change = (name: string, value: unknown) =>
    run((graph) => changeSetting(graph, { catalog, id: node.id, name, value }), `${node.id} ${name}`);
  const shown = kind.settings.map((spec) => spec.name);
  return (
    <FormContext value={form}>
      <Sentence node={node} kind={kind} />
      <GraphProblems problems={problems.filter((one) => !one.setting || !shown.includes(one.setting))} />
      <SettingRows
        id={`setting-${node.id}`}
        specs={kind.settings}
        values={filledIn(kind.settings, node.settings)}
        change={change}
        problems={texts(problems, language)}
        faults={faultsOf(problems, language)}
      />
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

function Sentence({ node, kind }: { node: GraphNode; kind: Kind }) {
  const language = useLanguage();
  const catalog = useCatalog();
  const names = useKnownNames();
  return <p className="panel-sentence">{sentence(catalog, kind, node.settings, language, names)}</p>;
}

/** What is wrong with a setting as a whole; what is wrong at one place inside it is said there. */
function texts(problems: Problem[], language: "en" | "zh"): Record<string, string> {
  const whole = problems.filter((one) => one.setting && !one.path?.length).reverse();
  return Object.fromEntries(whole.map((one) => [one.setting!, problemText(one, language)]));
}

function faultsOf(problems: Problem[], language: "en" | "zh"): Record<string, Fault[]> {
  const faults: Record<string, Fault[]> = {};
  for (const one of problems.filter(({ setting, path }) => setting && path?.length)) {
    (faults[one.setting!] ??= []).push({ path: one.path!, text: say(one.message, language) });
  }
  return faults;
}

/** The events whose properties matter here: the node's own, or those that start the journey. One text, to compare. */
function eventsOf(graph: Graph, node: GraphNode): string {
  if (typeof node.settings.event === "string" && node.settings.event) return node.settings.event;
  const starting = graph.nodes.filter((one) => !graph.edges.some((edge) => edge.to === one.id));
  const names = starting.map((one) => one.settings.event).filter((name) => typeof name === "string" && name);
  return names.join("\n");
}
