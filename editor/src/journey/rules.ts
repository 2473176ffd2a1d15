/** The rule language as the editor holds it: leaves and groups, and the sentence a rule reads as. */
import type { Catalog, Language, Operator } from "./types";
import { say } from "./words";

export type Filter = { property: string; op: string; value?: unknown };
export type AttributeLeaf = { attribute: string; op: string; value?: unknown };
export type PropertyLeaf = { property: string; op: string; value?: unknown };
export type EventLeaf = { event: string; did: boolean; since: "entry" | "ever"; where?: Filter[] };
export type Leaf = AttributeLeaf | PropertyLeaf | EventLeaf;
export type Rule = { all: Rule[] } | { any: Rule[] } | { not: Rule } | Leaf;

export type LeafSort = "attribute" | "property" | "event";

export const isGroup = (rule: Rule): rule is { all: Rule[] } | { any: Rule[] } => "all" in rule || "any" in rule;
export const isNot = (rule: Rule): rule is { not: Rule } => "not" in rule;
export const isEvent = (rule: Rule): rule is EventLeaf => "event" in rule;
export const takesNoValue = (op: string): boolean => op === "exists" || op === "not_exists";

export function leafSort(leaf: Leaf): LeafSort {
  if ("event" in leaf) return "event";
  return "attribute" in leaf ? "attribute" : "property";
}

/** A fresh leaf of a sort, to be filled in. */
export function newLeaf(sort: LeafSort): Leaf {
  if (sort === "event") return { event: "", did: true, since: "entry" };
  return sort === "attribute" ? { attribute: "", op: "is", value: "" } : { property: "", op: "is", value: "" };
}

/** Any stored rule as one group of rows, the shape the rows of the rule editor show. */
export function asGroup(rule: unknown): { mode: "all" | "any"; rows: Rule[] } {
  if (!rule || typeof rule !== "object") return { mode: "all", rows: [] };
  const tree = rule as Rule;
  if ("all" in tree) return { mode: "all", rows: tree.all };
  if ("any" in tree) return { mode: "any", rows: tree.any };
  return { mode: "all", rows: [tree] };
}

export function fromGroup(mode: "all" | "any", rows: Rule[]): Rule {
  return mode === "all" ? { all: rows } : { any: rows };
}

/** Whether every leaf names what it reads and carries the value its comparison needs. */
export function isComplete(rule: unknown): boolean {
  if (!rule || typeof rule !== "object") return false;
  const tree = rule as Rule;
  if (isGroup(tree)) {
    const rows = "all" in tree ? tree.all : tree.any;
    return rows.length > 0 && rows.every(isComplete);
  }
  if (isNot(tree)) return isComplete(tree.not);
  if (isEvent(tree)) return tree.event !== "" && (tree.where ?? []).every(isCompleteFilter);
  return comparisonIsComplete("attribute" in tree ? tree.attribute : tree.property, tree);
}

export function isCompleteFilter(filter: Filter): boolean {
  return comparisonIsComplete(filter.property, filter);
}

function comparisonIsComplete(name: string, leaf: { op: string; value?: unknown }): boolean {
  if (!name) return false;
  if (takesNoValue(leaf.op)) return true;
  return Array.isArray(leaf.value) ? leaf.value.length > 0 : leaf.value !== "" && leaf.value != null;
}

/** A rule read aloud, as the engine reads it. What is not filled in yet reads as an ellipsis. */
export function ruleSentence(rule: unknown, words: Words): string {
  if (!rule || typeof rule !== "object" || Object.keys(rule).length === 0) return "…";
  return read(rule as Rule, words, false);
}

/** The filters of a trigger or a wait read aloud: all of them must hold. */
export function filtersSentence(filters: Filter[] | undefined, words: Words): string {
  return (filters ?? []).map((one) => comparison(one.property, one, words)).join(AND[words.language]);
}

/** What reading aloud needs: the engine's operators and the language. */
export type Words = { operators: Operator[]; language: Language };
export const wordsOf = (catalog: Catalog, language: Language): Words => ({ operators: catalog.operators, language });

const AND = { en: " and ", zh: " 且 " };
const OR = { en: " or ", zh: " 或 " };

function read(rule: Rule, words: Words, nested: boolean): string {
  if (isGroup(rule)) return readGroup(rule, words, nested);
  if (isNot(rule)) return `${words.language === "zh" ? "非" : "not"} ${read(rule.not, words, true)}`;
  if (isEvent(rule)) return readEvent(rule, words);
  return comparison("attribute" in rule ? rule.attribute : rule.property, rule, words);
}

function readGroup(rule: { all: Rule[] } | { any: Rule[] }, words: Words, nested: boolean): string {
  const [rows, and] = "all" in rule ? [rule.all, AND[words.language]] : [rule.any, OR[words.language]];
  if (rows.length === 0) return "…";
  const text = rows.map((row) => read(row, words, true)).join(and);
  return nested && rows.length > 1 ? `(${text})` : text;
}

function readEvent(leaf: EventLeaf, words: Words): string {
  const name = leaf.event || "…";
  const where = filtersSentence(leaf.where, words);
  if (words.language === "zh") {
    const since = leaf.since === "entry" ? "进入后" : "";
    return `${since}${leaf.did ? "发生过" : "没有发生"} ${name}${where ? `(${where})` : ""}`;
  }
  const since = leaf.since === "entry" ? " since entering" : "";
  return `${leaf.did ? "did" : "did not do"} ${name}${where ? ` with ${where}` : ""}${since}`;
}

function comparison(name: string, leaf: { op: string; value?: unknown }, words: Words): string {
  const operator = words.operators.find((one) => one.op === leaf.op);
  const op = say(operator?.title, words.language) || leaf.op;
  return takesNoValue(leaf.op) ? `${name || "…"} ${op}` : `${name || "…"} ${op} ${valueWords(leaf.value)}`;
}

function valueWords(value: unknown): string {
  if (value === "" || value == null) return "…";
  if (Array.isArray(value)) return value.length ? value.join(", ") : "…";
  return String(value);
}
