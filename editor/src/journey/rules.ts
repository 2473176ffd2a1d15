/** The rule language as the editor holds it: leaves, windows and groups; how new ones begin and when one is finished. */
import type { Duration, Operator, ValueSort } from "./types";

export type Compared = { op: string; value?: unknown };
export type Filter = Compared & { property: string };

/** Since when something counts: ever, since the customer entered or passed a node, in the last days, between two days. */
export type Window = { since?: "ever" | "entry" | { node: string }; last?: Duration; between?: [string, string] };

export type AttributeLeaf = Compared & { attribute: string };
export type PropertyLeaf = Compared & { property: string };
export type ContextLeaf = Compared & { context: string };
export type TagLeaf = { tag: string };
export type SegmentLeaf = { segment: string };
export type ConsentLeaf = { consent: string; topic?: string; state: "granted" | "withdrawn" | "none" };
export type Measure = "count" | "sum" | "avg" | "min" | "max" | "first" | "last";
export type EventLeaf = Window & { event: string; where?: Filter[] } & (
    { did: boolean } | (Compared & { measure: Measure; of?: string })
  );
export type MessageState = "sent" | "delivered" | "opened" | "clicked" | "replied";
export type MessageLeaf = Window & {
  message: MessageState;
  did: boolean;
  node?: string;
  journey?: string;
  channel?: string;
};
export type JourneyLeaf = { journey: string; state: "is_in" | "was_in" | "reached"; node?: string };

export type Leaf =
  | AttributeLeaf
  | PropertyLeaf
  | ContextLeaf
  | TagLeaf
  | SegmentLeaf
  | ConsentLeaf
  | EventLeaf
  | MessageLeaf
  | JourneyLeaf;
export type Rule = { all: Rule[] } | { any: Rule[] } | { not: Rule } | Leaf;

/** What a rule may read: a customer alone, or all that an enrollment knows. */
export type About = "customer" | "enrollment";

export const MEASURES: Measure[] = ["count", "sum", "avg", "min", "max", "first", "last"];
export const MESSAGE_STATES: MessageState[] = ["sent", "delivered", "opened", "clicked", "replied"];
/** A rule with more than this many leaves, or deeper, is refused by the engine. */
export const MOST_LEAVES = 100;
export const DEEPEST = 10;

export const isGroup = (rule: Rule): rule is { all: Rule[] } | { any: Rule[] } => "all" in rule || "any" in rule;
export const isNot = (rule: Rule): rule is { not: Rule } => "not" in rule;
export const rowsOf = (rule: { all: Rule[] } | { any: Rule[] }): Rule[] => ("all" in rule ? rule.all : rule.any);
export const takesNoValue = (op: string): boolean => op === "exists" || op === "not_exists";

const SORTS = ["message", "event", "consent", "segment", "tag", "journey", "attribute", "property", "context"] as const;
export type LeafSort = (typeof SORTS)[number];

/** Which sort of leaf this is. A message may name a journey and an event a property, so the order matters. */
export function leafSort(leaf: Leaf): LeafSort {
  return SORTS.find((sort) => sort in leaf) ?? "attribute";
}

const FRESH: Record<LeafSort, (about: About) => Leaf> = {
  attribute: () => ({ attribute: "", op: "is", value: "" }),
  property: () => ({ property: "", op: "is", value: "" }),
  context: () => ({ context: "", op: "is", value: "" }),
  tag: () => ({ tag: "" }),
  segment: () => ({ segment: "" }),
  consent: () => ({ consent: "sms", state: "granted" }),
  event: (about) => ({ event: "", did: true, since: about === "customer" ? "ever" : "entry" }),
  message: (about) => ({ message: "opened", did: true, since: about === "customer" ? "ever" : "entry" }),
  journey: () => ({ journey: "", state: "is_in" }),
};

/** A fresh leaf of a sort, to be filled in. */
export const newLeaf = (sort: LeafSort, about: About = "enrollment"): Leaf => FRESH[sort](about);

/** Any stored rule as one group of rows, the shape the rows of the rule editor show. */
export function asGroup(rule: unknown): { mode: "all" | "any"; rows: Rule[] } {
  if (!rule || typeof rule !== "object" || Object.keys(rule).length === 0) return { mode: "all", rows: [] };
  const tree = rule as Rule;
  if ("all" in tree) return { mode: "all", rows: tree.all };
  if ("any" in tree) return { mode: "any", rows: tree.any };
  return { mode: "all", rows: [tree] };
}

export function fromGroup(mode: "all" | "any", rows: Rule[]): Rule {
  return mode === "all" ? { all: rows } : { any: rows };
}

/** All leaves of a rule, in the order they stand. */
export function leavesOf(rule: unknown): Leaf[] {
  if (!rule || typeof rule !== "object" || Object.keys(rule).length === 0) return [];
  const tree = rule as Rule;
  if (isGroup(tree)) return rowsOf(tree).flatMap(leavesOf);
  return isNot(tree) ? leavesOf(tree.not) : [tree];
}

/** Whether every leaf names what it reads and carries the value its comparison needs. */
export function isComplete(rule: unknown): boolean {
  if (!rule || typeof rule !== "object" || Object.keys(rule).length === 0) return false;
  const tree = rule as Rule;
  if (isGroup(tree)) return rowsOf(tree).length > 0 && rowsOf(tree).every(isComplete);
  return isNot(tree) ? isComplete(tree.not) : missingIn(tree) === null;
}

/** What a leaf still lacks, as a word for the form to say; null when it is finished. */
export type Missing = "name" | "value" | "of" | "node" | "dates";

export function missingIn(leaf: Leaf): Missing | null {
  const sort = leafSort(leaf);
  if (!String((leaf as Record<string, unknown>)[sort] ?? "").trim()) return "name";
  if ("since" in leaf || "between" in leaf || "last" in leaf) {
    const window = missingInWindow(leaf);
    if (window) return window;
  }
  if (sort === "event") return missingInEvent(leaf as EventLeaf);
  if (sort === "journey") return missingInJourney(leaf as JourneyLeaf);
  return "op" in leaf && !hasValue(leaf) ? "value" : null;
}

function missingInWindow({ since, between, last }: Window): Missing | null {
  if (typeof since === "object" && !since.node) return "node";
  if (between && !between.every(Boolean)) return "dates";
  return last && !(Number(last.amount) > 0) ? "dates" : null;
}

function missingInEvent(leaf: EventLeaf): Missing | null {
  if (!(leaf.where ?? []).every(isCompleteFilter)) return "value";
  if (!("measure" in leaf)) return null;
  if (needsProperty(leaf.measure) && !leaf.of) return "of";
  return hasValue(leaf) ? null : "value";
}

const missingInJourney = (leaf: JourneyLeaf): Missing | null =>
  leaf.state === "reached" && !leaf.node ? "node" : null;

/** Totals and extremes are of a property; how often, and when first or last, are of the event itself. */
export const needsProperty = (measure: Measure): boolean => ["sum", "avg", "min", "max"].includes(measure);

export function isCompleteFilter(filter: Filter): boolean {
  return filter.property.trim() !== "" && hasValue(filter);
}

export type Reference = { context: string } | { property: string };
/** A value that is looked up when the rule is judged, rather than written into it. */
export const isReference = (value: unknown): value is Reference =>
  typeof value === "object" && value !== null && !Array.isArray(value) && ("context" in value || "property" in value);

function hasValue({ op, value }: Compared): boolean {
  if (takesNoValue(op)) return true;
  if (isReference(value)) return Object.values(value)[0] !== "";
  if (Array.isArray(value)) return value.length > 0 && value.every((one) => one !== "" && one != null);
  return value !== "" && value != null;
}

/** Whether a rule reads nothing but the customer, so that it can be counted over all customers. */
export function readsCustomerAlone(rule: unknown): boolean {
  return leavesOf(rule).every((leaf) => {
    const sort = leafSort(leaf);
    if (sort === "property" || sort === "context") return false;
    if ("op" in leaf && isReference(leaf.value)) return false;
    if (sort === "message" && (leaf as MessageLeaf).node && !(leaf as MessageLeaf).journey) return false;
    const { since } = leaf as Window;
    return since === undefined || since === "ever";
  });
}

/** What an operator takes to compare with. */
export function valueSort(operators: Operator[], op: string): ValueSort {
  const known = operators.find((one) => one.op === op);
  return known?.value ?? (takesNoValue(op) ? "none" : "any");
}

export type Place = (string | number)[];
export const samePlace = (a: Place, b: Place): boolean => a.length === b.length && a.every((one, at) => one === b[at]);
