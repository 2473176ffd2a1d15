/** What every field of a form may ask: the language, whether it may be changed, and the names to complete. */
import { createContext, useContext, useMemo } from "react";
import { useAttributes, useEventNames } from "@/journey/queries";
import type { Kind, Language, SettingSpec } from "@/journey/types";

export type Form = {
  language: Language;
  readOnly: boolean;
  kind: Kind | null;
  /** The events this form is about, whose properties are offered first. */
  events: string[];
};

export const FormContext = createContext<Form>({ language: "en", readOnly: false, kind: null, events: [] });
export const useForm = () => useContext(FormContext);

export type FieldProps = {
  id: string;
  spec: SettingSpec;
  value: unknown;
  change: (value: unknown) => void;
};

export type Completion = { value: string };

/** Names seen in real data: events by how often they came, properties of these events, attributes of customers. */
export function useCompletions(sort: "event" | "property" | "attribute", events: string[] = []): Completion[] {
  const eventNames = useEventNames().data?.items;
  const attributes = useAttributes().data?.items;
  const wanted = events.filter(Boolean).join("\n");
  return useMemo(() => {
    if (sort === "attribute") return (attributes ?? []).map(({ name }) => ({ value: name }));
    const byCount = [...(eventNames ?? [])].sort((a, b) => b.count - a.count);
    if (sort === "event") return byCount.map(({ name }) => ({ value: name }));
    const named = wanted ? byCount.filter(({ name }) => wanted.split("\n").includes(name)) : [];
    const from = named.length ? named : byCount;
    return [...new Set(from.flatMap(({ properties }) => properties ?? []))].map((value) => ({ value }));
  }, [sort, wanted, eventNames, attributes]);
}
