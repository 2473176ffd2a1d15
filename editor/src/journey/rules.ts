/** The rule language as the editor holds it: leaves and groups, and the sentence a rule reads as. */
import type { Language } from "./types";

export type Op =
  | "is"
  | "is_not"
  | "one_of"
  | "contains"
  | "starts_with"
  | "matches"
  | ">"
  | ">="
  | "<"
  | "<="
  | "exists"
  | "not_exists";

export const OPS: Op[] = [
  "is",
  "is_not",
  "one_of",
  "contains",
  "starts_with",
  "matches",
  ">",
  ">=",
  "<",
  "<=",
  "exists",
  "not_exists",
];

export type Filter = { property: string; op: Op; value?: unknown };
export type AttributeLeaf = { attribute: string; op: Op; value?: unknown };
export type PropertyLeaf = { property: string; op: Op; value?: unknown };
export type EventLeaf = { event: string; did: boolean; since: "entry" | "ever"; where?: Filter[] };
export type Leaf = AttributeLeaf | PropertyLeaf | EventLeaf;
export type Rule = { all: Rule[] } | { any: Rule[] } | { not: Rule } | Leaf;

export type LeafSort = "attribute" | "property" | "event";

export const isGroup = (rule: Rule): rule is { all: Rule[] } | { any: Rule[] } => "all" in rule || "any" in rule;
export const isNot = (rule: Rule): rule is { not: Rule } => "not" in rule;
export const isEvent = (rule: Rule): rule is EventLeaf => "event" in rule;
export const takesNoValue = (op: Op): boolean => op === "exists" || op === "not_exists";

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

function comparisonIsComplete(name: string, leaf: { op: Op; value?: unknown }): boolean {
  if (!name) return false;
  if (takesNoValue(leaf.op)) return true;
  return Array.isArray(leaf.value) ? leaf.value.length > 0 : leaf.value !== "" && leaf.value != null;
}

const OP_WORDS: Record<Op, { en: string; zh: string }> = {
  is: { en: "is", zh: "是" },
  is_not: { en: "is not", zh: "不是" },
  one_of: { en: "is one of", zh: "是其中之一：" },
  contains: { en: "contains", zh: "包含" },
  starts_with: { en: "starts with", zh: "开头是" },
  matches: { en: "matches", zh: "匹配" },
  ">": { en: ">", zh: ">" },
  ">=": { en: "≥", zh: "≥" },
  "<": { en: "<", zh: "<" },
  "<=": { en: "≤", zh: "≤" },
  exists: { en: "is known", zh: "有值" },
  not_exists: { en: "is unknown", zh: "没有值" },
};

export const opWords = (op: Op, language: Language): string => OP_WORDS[op]?.[language] ?? op;

/** A rule read aloud. What is not filled in yet reads as an ellipsis. */
export function ruleSentence(rule: unknown, language: Language): string {
  if (!rule || typeof rule !== "object" || Object.keys(rule).length === 0) return "…";
  return read(rule as Rule, language, false);
}

function read(rule: Rule, language: Language, nested: boolean): string {
  if (isGroup(rule)) return readGroup(rule, language, nested);
  if (isNot(rule))
    return language === "zh" ? `非（${read(rule.not, language, false)}）` : `not (${read(rule.not, language, false)})`;
  if (isEvent(rule)) return readEvent(rule, language);
  if ("attribute" in rule) return comparison(rule.attribute || "…", rule, language);
  const name = rule.property || "…";
  return comparison(language === "zh" ? `触发事件的 ${name}` : `the event's ${name}`, rule, language);
}

function readGroup(rule: { all: Rule[] } | { any: Rule[] }, language: Language, nested: boolean): string {
  const [rows, word] = "all" in rule ? [rule.all, AND[language]] : [rule.any, OR[language]];
  if (rows.length === 0) return "…";
  const text = rows.map((row) => read(row, language, rows.length > 1)).join(word);
  if (!nested || rows.length === 1) return text;
  return language === "zh" ? `（${text}）` : `(${text})`;
}

const AND = { en: " and ", zh: " 且 " };
const OR = { en: " or ", zh: " 或 " };

function readEvent(leaf: EventLeaf, language: Language): string {
  const name = leaf.event || "…";
  const where = filtersSentence(leaf.where, language);
  if (language === "zh") {
    const since = leaf.since === "ever" ? "" : "进入旅程后";
    return `${since}${leaf.did ? "做过" : "没有做过"} ${name}${where ? `（${where}）` : ""}`;
  }
  const since = leaf.since === "ever" ? (leaf.did ? " at any time" : " ever") : " since entering";
  return `${leaf.did ? "did" : "did not do"} ${name}${where ? ` with ${where}` : ""}${since}`;
}

/** The filters of a trigger or a wait read aloud: all of them must hold. */
export function filtersSentence(filters: Filter[] | undefined, language: Language): string {
  return (filters ?? []).map((one) => comparison(one.property || "…", one, language)).join(AND[language]);
}

function comparison(name: string, leaf: { op: Op; value?: unknown }, language: Language): string {
  const op = opWords(leaf.op, language);
  return takesNoValue(leaf.op) ? `${name} ${op}` : `${name} ${op} ${valueWords(leaf.value, language)}`;
}

function valueWords(value: unknown, language: Language): string {
  if (value === "" || value == null) return "…";
  if (Array.isArray(value)) return value.length ? value.join(language === "zh" ? "、" : ", ") : "…";
  return String(value);
}
