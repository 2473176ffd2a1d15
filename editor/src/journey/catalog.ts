/** Reading the catalog: which kind a node is, which exits it has now, and how a new one begins. */
import type { Catalog, Exit, Graph, GraphNode, Kind, Point, Settings, SettingSpec } from "./types";

export function kindOf(catalog: Catalog, kind: string): Kind | undefined {
  return catalog.kinds.find((one) => one.kind === kind);
}

/** The exits of a node as its settings make them, in the order they stand on the card. */
export function exitsOf(catalog: Catalog, node: GraphNode): Exit[] {
  const kind = kindOf(catalog, node.kind);
  if (!kind) return [];
  const settings = filledIn(kind.settings, node.settings);
  return kind.exits.flatMap((exit) => {
    if (!("each" in exit)) return exit.when && isEmpty(settings[exit.when]) ? [] : [exit];
    return listItems(settings, exit.each).map((item) => {
      const label = String(item.name || item.event || item.id);
      return { id: String(item.id), title: { en: label, zh: label }, sense: exit.sense, required: exit.required };
    });
  });
}

/** Settings as the engine reads them: what a document leaves out stands at its default. */
export function filledIn(specs: SettingSpec[], settings: Settings = {}): Settings {
  const left = specs.filter((spec) => settings[spec.name] === undefined && spec.default !== undefined);
  if (left.length === 0) return settings;
  return { ...settings, ...Object.fromEntries(left.map((spec) => [spec.name, spec.default])) };
}

export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** Whether a setting matters now: some count only while another one beside it has one of certain values. */
export function applies(spec: SettingSpec, beside: Settings): boolean {
  return Object.entries(spec.only_when ?? {}).every(([name, values]) =>
    values.some((value) => (value === null ? isEmpty(beside[name]) : value === beside[name])),
  );
}

/**
 * The exits as they stand on the card: where one is the way on and the others are asides, it stands in the middle,
 * so that a journey runs straight down.
 */
export function exitsOnCard(catalog: Catalog, node: GraphNode): Exit[] {
  const exits = exitsOf(catalog, node);
  const [main, ...asides] = exits;
  if (!main?.required || asides.some((exit) => exit.required)) return exits;
  const middle = Math.floor(exits.length / 2);
  return [...asides.slice(0, middle), main, ...asides.slice(middle)];
}

/** The exit along which a journey goes on when nobody says otherwise: what healing and inserting use. */
export function mainExit(catalog: Catalog, node: GraphNode): string | undefined {
  return exitsOf(catalog, node)[0]?.id;
}

/** The first exit that leads nowhere yet, required ones before optional ones. */
export function openExit(catalog: Catalog, graph: Graph, node: GraphNode): string | undefined {
  const wired = new Set(graph.edges.filter((edge) => edge.from === node.id).map((edge) => edge.exit));
  const open = exitsOf(catalog, node).filter((exit) => !wired.has(exit.id));
  return (open.find((exit) => exit.required) ?? open[0])?.id;
}

export function isTrigger(catalog: Catalog, node: GraphNode): boolean {
  return kindOf(catalog, node.kind)?.role === "trigger";
}

/** A new node of a kind, every setting at its default. */
export function newNode(kind: Kind, id: string, position: Point): GraphNode {
  return { id, kind: kind.kind, settings: defaults(kind.settings), position };
}

export function defaults(specs: SettingSpec[]): Settings {
  const settings: Settings = {};
  for (const spec of specs) {
    if (spec.default !== undefined) settings[spec.name] = structuredClone(spec.default);
    else if (spec.type === "list" && spec.min) settings[spec.name] = firstItems(spec, spec.min);
  }
  return settings;
}

function firstItems(spec: SettingSpec, count: number): Settings[] {
  const items: Settings[] = [];
  while (items.length < count) items.push(newItem(spec, items));
  return items;
}

/** A fresh item of a list setting; where items carry an id it is one the others do not have. */
export function newItem(spec: SettingSpec, others: Settings[]): Settings {
  const item = defaults(spec.fields ?? []);
  if (!spec.fields?.some((field) => field.name === "id")) return item;
  const taken = new Set(others.map((one) => one.id));
  let number = others.length + 1;
  while (taken.has(`${spec.name.charAt(0)}${number}`)) number += 1;
  return { ...item, id: `${spec.name.charAt(0)}${number}` };
}

/** The objects of a list setting; anything that is no list counts as empty. */
export function listItems(settings: Settings | undefined, name: string): Settings[] {
  const value = settings?.[name];
  return Array.isArray(value) ? (value.filter((item) => item && typeof item === "object") as Settings[]) : [];
}
