/** What every field of a form may ask: the language, whether it may be changed, what stands beside it, names to complete. */
import { createContext, useContext, useMemo } from "react";
import { listItems } from "@/journey/catalog";
import { useAttributes, useEventNames } from "@/journey/queries";
import type { About } from "@/journey/rules";
import { graphOf, useEditor } from "@/journey/store";
import { isInternal } from "@/ui/events";
import type { Catalog, Graph, Kind, Language, Settings, SettingSpec } from "@/journey/types";

export type Form = {
  language: Language;
  readOnly: boolean;
  catalog: Catalog;
  kind: Kind | null;
  /** The events this form is about, whose properties are offered first. */
  events: string[];
  /** The values of the settings beside a field: what one of them means may depend on another. */
  beside: Settings;
  /** What rules here may read. */
  about: About;
};

const nothing: Catalog = { shelves: [], kinds: [], journey: [], operators: [], units: [] };

export const FormContext = createContext<Form>({
  language: "en",
  readOnly: false,
  catalog: nothing,
  kind: null,
  events: [],
  beside: {},
  about: "enrollment",
});
export const useForm = () => useContext(FormContext);

/** What is wrong at one place inside a value: the way to it in the JSON tree, and the words. */
export type Fault = { path: (string | number)[]; text: string };

export type FieldProps = {
  id: string;
  spec: SettingSpec;
  value: unknown;
  change: (value: unknown) => void;
  faults?: Fault[];
};

export type Completion = { value: string };
export type CompletionSort = "event" | "property" | "attribute" | "context" | "tag";

/** Names seen in real data: events by how often they came, their properties, attributes, tags, and this journey's variables. */
export function useCompletions(sort: CompletionSort, events: string[] = []): Completion[] {
  const eventNames = useEventNames().data?.items;
  const attributes = useAttributes().data?.items;
  const variables = useVariables();
  const wanted = events.filter(Boolean).join("\n");
  return useMemo(() => {
    if (sort === "context") return variables.split("\n").filter(Boolean).map(completion);
    if (sort === "attribute") return (attributes ?? []).map(({ name }) => ({ value: name }));
    if (sort === "tag") return tagsIn(attributes?.find(({ name }) => name === "tags")?.examples).map(completion);
    const byCount = (eventNames ?? []).filter(({ name }) => !isInternal(name)).sort((a, b) => b.count - a.count);
    if (sort === "event") return byCount.map(({ name }) => ({ value: name }));
    const named = wanted ? byCount.filter(({ name }) => wanted.split("\n").includes(name)) : [];
    const from = named.length ? named : byCount;
    return [...new Set(from.flatMap(({ properties }) => properties ?? []))].map(completion);
  }, [sort, wanted, eventNames, attributes, variables]);
}

const completion = (value: string): Completion => ({ value });
const tagsIn = (examples: unknown[] = []) => [...new Set(examples.flat().filter((one) => typeof one === "string"))];

/** Values an attribute was seen with. */
export function useExamples(attribute: string): Completion[] {
  const attributes = useAttributes().data?.items;
  return useMemo(() => {
    const examples = attributes?.find(({ name }) => name === attribute)?.examples ?? [];
    return [...new Set(examples.flat().filter((one) => typeof one === "string"))].map(completion);
  }, [attribute, attributes]);
}

/** The context variables that nodes of the open journey set, as one text: it changes only when one of them does. */
const useVariables = (): string =>
  useEditor((state) => [...new Set(variablesOf(state.catalog, graphOf(state)))].sort().join("\n"));

export function variablesOf(catalog: Catalog, graph: Graph): string[] {
  return graph.nodes.flatMap((node) => {
    const specs = catalog.kinds.find((one) => one.kind === node.kind)?.settings ?? [];
    return specs.flatMap((spec) => namesOfVariables(spec, node.settings));
  });
}

function namesOfVariables(spec: SettingSpec, settings: Settings): string[] {
  if (spec.type === "list") {
    return listItems(settings, spec.name).flatMap((item) =>
      (spec.fields ?? []).flatMap((field) => namesOfVariables(field, item)),
    );
  }
  const name = settings[spec.name];
  return spec.type === "variable" && typeof name === "string" && name ? [name] : [];
}
