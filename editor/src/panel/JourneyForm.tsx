/** The journey's own settings: who may enter again, which events end it, whether it is marketing. */
import { useMemo } from "react";
import { useLanguage } from "@/app/i18n";
import { changeJourney } from "@/journey/commands";
import { JOURNEY_SETTINGS, fromJourney, toJourney } from "@/journey/settings";
import { useEditor, useGraph, useReadOnly } from "@/journey/store";
import { FormContext, type Form } from "./form";
import { SettingRow } from "./SettingRow";

export function JourneyForm() {
  const language = useLanguage();
  const readOnly = useReadOnly();
  const run = useEditor((state) => state.run);
  const { settings } = useGraph();
  const values = fromJourney(settings);
  const form: Form = useMemo(() => ({ language, readOnly, kind: null, events: [] }), [language, readOnly]);
  return (
    <FormContext value={form}>
      {JOURNEY_SETTINGS.map((spec) => (
        <SettingRow
          key={spec.name}
          id={`journey-${spec.name}`}
          spec={spec}
          value={values[spec.name]}
          change={(value) =>
            run((graph) => changeJourney(graph, { settings: toJourney(spec.name, value) }), `journey ${spec.name}`)
          }
        />
      ))}
    </FormContext>
  );
}
