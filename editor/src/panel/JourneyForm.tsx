/** The journey's own settings, made from the catalog: who may enter again, what ends it, its goals, its holdout. */
import { useMemo } from "react";
import { useLanguage } from "@/app/i18n";
import { filledIn } from "@/journey/catalog";
import { changeJourney } from "@/journey/commands";
import { useProblems } from "@/journey/problems";
import { useCatalog, useEditor, useGraph, useReadOnly } from "@/journey/store";
import type { Language, Problem } from "@/journey/types";
import { problemText } from "@/journey/validation";
import { FormContext, type Form } from "./form";
import { SettingRows } from "./SettingRows";

export function JourneyForm() {
  const language = useLanguage();
  const readOnly = useReadOnly();
  const catalog = useCatalog();
  const run = useEditor((state) => state.run);
  const { settings } = useGraph();
  const values = useMemo(() => filledIn(catalog.journey, settings), [catalog, settings]);
  const found = useProblems();
  const problems = useMemo(() => wrong(found, language), [found, language]);
  const form: Form = useMemo(
    () => ({ language, readOnly, catalog, kind: null, events: [], beside: {}, about: "enrollment" }),
    [language, readOnly, catalog],
  );
  return (
    <FormContext value={form}>
      <SettingRows
        id="journey"
        specs={catalog.journey}
        values={values}
        problems={problems}
        change={(name, value) =>
          run((graph) => changeJourney(graph, { settings: { [name]: value } }), `journey ${name}`)
        }
      />
    </FormContext>
  );
}

/** What is wrong with a setting of the journey itself: problems that name no node. */
function wrong(problems: Problem[], language: Language): Record<string, string> {
  const own = problems.filter((one) => one.setting && one.nodes.length === 0);
  return Object.fromEntries(own.map((one) => [one.setting!, problemText(one, language)]));
}
