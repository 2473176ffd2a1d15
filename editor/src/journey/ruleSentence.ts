/** A rule read aloud in either language, as the engine reads it. What is not filled in yet reads as an ellipsis. */
import {
  isGroup,
  isNot,
  isReference,
  leafSort,
  needsProperty,
  rowsOf,
  takesNoValue,
  valueSort,
  type Compared,
  type ConsentLeaf,
  type EventLeaf,
  type Filter,
  type JourneyLeaf,
  type Leaf,
  type LeafSort,
  type Measure,
  type MessageLeaf,
  type Reference,
  type Rule,
  type Window,
} from "./rules";
import type { Catalog, Duration, Language, Operator, Unit, ValueSort } from "./types";
import { say } from "./words";

/** Names of things that rules and settings know by id only: segments, journeys, pools, nodes of this journey. */
export type Names = Record<string, string>;
export const noNames: Names = {};

/** What reading aloud needs: the engine's operators and units, names for ids, the language. */
export type Words = { operators: Operator[]; units: Unit[]; language: Language; names: Names };
export const wordsOf = (catalog: Catalog, language: Language, names: Names = noNames): Words => ({
  operators: catalog.operators,
  units: catalog.units,
  language,
  names,
});

export function ruleSentence(rule: unknown, words: Words): string {
  if (!rule || typeof rule !== "object" || Object.keys(rule).length === 0) return "…";
  return read(rule as Rule, words, false);
}

/** The filters of a trigger or a wait read aloud: all of them must hold. */
export function filtersSentence(filters: Filter[] | undefined, words: Words): string {
  return (filters ?? []).map((one) => comparison(one.property, one, words)).join(pick(words, " and ", " 且 "));
}

const pick = (words: Words, en: string, zh: string): string => (words.language === "zh" ? zh : en);
const named = (id: string | undefined, words: Words): string => (id ? (words.names[id] ?? id) : "…");

function read(rule: Rule, words: Words, nested: boolean): string {
  if (isGroup(rule)) return readGroup(rule, words, nested);
  if (isNot(rule)) return `${pick(words, "not", "非")} ${read(rule.not, words, true)}`;
  return LEAVES[leafSort(rule)](rule, words);
}

function readGroup(rule: { all: Rule[] } | { any: Rule[] }, words: Words, nested: boolean): string {
  const rows = rowsOf(rule);
  if (rows.length === 0) return "…";
  const joint = "all" in rule ? pick(words, " and ", " 且 ") : pick(words, " or ", " 或 ");
  const text = rows.map((row) => read(row, words, true)).join(joint);
  return nested && rows.length > 1 ? `(${text})` : text;
}

const LEAVES: Record<LeafSort, (leaf: Leaf, words: Words) => string> = {
  attribute: (leaf, words) => compared(leaf, "attribute", words),
  property: (leaf, words) => compared(leaf, "property", words),
  context: (leaf, words) => compared(leaf, "context", words),
  tag: (leaf, words) => {
    const { tag } = leaf as { tag: string };
    return pick(words, `has the tag ${tag || "…"}`, `有标签 ${tag || "…"}`);
  },
  segment: (leaf, words) => {
    const segment = named((leaf as { segment: string }).segment, words);
    return pick(words, `is in the segment ${segment}`, `属于分群 ${segment}`);
  },
  consent: (leaf, words) => consent(leaf as ConsentLeaf, words),
  event: (leaf, words) => event(leaf as EventLeaf, words),
  message: (leaf, words) => message(leaf as MessageLeaf, words),
  journey: (leaf, words) => journey(leaf as JourneyLeaf, words),
};

function compared(leaf: Leaf, sort: "attribute" | "property" | "context", words: Words): string {
  const one = leaf as Compared & Record<string, string>;
  return comparison(one[sort] ?? "", one, words);
}

function comparison(name: string, leaf: Compared, words: Words): string {
  return `${name || "…"} ${operation(leaf, words)}`;
}

/** The operator with its value, as it stands behind whatever is compared. */
function operation(leaf: Compared, words: Words): string {
  const known = words.operators.find((one) => one.op === leaf.op);
  const op = say(known?.title, words.language) || leaf.op;
  return takesNoValue(leaf.op) ? op : `${op} ${valueWords(leaf, valueSort(words.operators, leaf.op), words)}`;
}

function valueWords({ value }: Compared, sort: ValueSort, words: Words): string {
  if (isReference(value)) return referenceWords(value, words);
  if (value === "" || value == null) return "…";
  if (sort === "days") return `${String(value)} ${pick(words, value === 1 ? "day" : "days", "天内")}`;
  if (!Array.isArray(value)) return String(value);
  const items = value.map((one) => (one === "" || one == null ? "…" : String(one)));
  if (sort === "range") return pick(words, items.join(" and "), `${items.join(" 和 ")} 之间`);
  return items.join(pick(words, ", ", "、")) || "…";
}

function referenceWords(value: Reference, words: Words): string {
  const name = Object.values(value)[0] || "…";
  return "context" in value
    ? pick(words, `the context's ${name}`, `上下文中的${name}`)
    : pick(words, `the starting event's ${name}`, `触发事件的${name}`);
}

const CONSENT = {
  granted: { en: "agreed to", zh: "已同意" },
  withdrawn: { en: "does not want", zh: "已拒绝" },
  none: { en: "said nothing about", zh: "未表态" },
};

function consent({ consent: channel, topic = "marketing", state }: ConsentLeaf, words: Words): string {
  const said = CONSENT[state][words.language];
  return pick(words, `${said} ${topic} by ${channel || "…"}`, `对 ${channel || "…"} 的 ${topic} ${said}`);
}

const TOTALS: Record<string, { en: string; zh: string }> = {
  sum: { en: "the sum of", zh: "之和" },
  avg: { en: "the average of", zh: "平均值" },
  min: { en: "the least", zh: "最小值" },
  max: { en: "the most", zh: "最大值" },
};

function event(leaf: EventLeaf, words: Words): string {
  const where = filtersSentence(leaf.where, words);
  const when = windowWords(leaf, words);
  const name = `${leaf.event || "…"}${where ? pick(words, ` with ${where}`, `(${where})`) : ""}`;
  if (!("measure" in leaf)) {
    const verb = leaf.did ? pick(words, "did", "发生过") : pick(words, "did not do", "没有发生");
    return pick(words, `${verb} ${name}${when}`, `${when}${verb} ${name}`);
  }
  const what = measured(leaf.measure, leaf.of, name, words);
  const compared = operation(leaf, words);
  return pick(words, `${what} ${compared}${when}`, `${when} ${what} ${compared}`.trim());
}

function measured(measure: Measure, property: string | undefined, name: string, words: Words): string {
  const of = property || "…";
  if (measure === "count") return pick(words, `the number of ${name}`, `${name} 的次数`);
  if (needsProperty(measure)) {
    return pick(words, `${TOTALS[measure]!.en} ${of} of ${name}`, `${name} 的 ${of} ${TOTALS[measure]!.zh}`);
  }
  const which = measure === "first" ? pick(words, "first", "首次") : pick(words, "last", "最近一次");
  const one = pick(words, `the ${which} ${name}`, `${which} ${name}`);
  return property === undefined ? one : pick(words, `${of} of ${one}`, `${one} 的 ${of}`);
}

/** With a space before it in English, and to stand before the verb in Chinese. */
function windowWords({ since, last, between }: Window, words: Words): string {
  if (last) return pick(words, ` within the last ${spanWords(last, words)}`, `在过去 ${spanWords(last, words)}内`);
  if (between) {
    const [from, to] = between.map((day) => day || "…");
    return pick(words, ` between ${from} and ${to}`, `在 ${from} 至 ${to} 期间`);
  }
  if (since === "entry") return pick(words, " since entering", "进入后");
  if (typeof since !== "object") return "";
  return pick(words, ` since “${named(since.node, words)}”`, `到达“${named(since.node, words)}”之后`);
}

function spanWords({ amount, unit }: Duration, words: Words): string {
  const known = words.units.find((one) => one.unit === unit);
  return `${amount ?? "…"} ${known ? say(amount === 1 ? known.one : known.many, words.language) : unit}`;
}

const MESSAGE = {
  sent: { en: ["was sent", "was not sent"], zh: ["被发送了", "没有被发送"] },
  delivered: { en: ["received", "did not receive"], zh: ["收到了", "没有收到"] },
  opened: { en: ["opened", "did not open"], zh: ["打开了", "没有打开"] },
  clicked: { en: ["clicked", "did not click"], zh: ["点击了", "没有点击"] },
  replied: { en: ["replied to", "did not reply to"], zh: ["回复了", "没有回复"] },
};

function message(leaf: MessageLeaf, words: Words): string {
  const verb = MESSAGE[leaf.message][words.language][leaf.did ? 0 : 1]!;
  const span = windowWords(leaf, words);
  const which = messageWords(leaf, words);
  return words.language === "zh" ? `${span}${verb} ${which}` : `${verb} ${which}${span}`;
}

function messageWords({ node, journey: id, channel }: MessageLeaf, words: Words): string {
  const sort = channel
    ? words.language === "zh"
      ? `${channel} 消息`
      : `${channel} message`
    : pick(words, "message", "消息");
  if (node) return pick(words, `the message of “${named(node, words)}”`, `“${named(node, words)}”的消息`);
  const of = id ? pick(words, ` of ${named(id, words)}`, "") : "";
  return words.language === "zh" ? `${id ? `${named(id, words)} 的` : "任意"}${sort}` : `any ${sort}${of}`;
}

function journey(leaf: JourneyLeaf, words: Words): string {
  const name = named(leaf.journey, words);
  if (leaf.state === "is_in") return pick(words, `is in journey ${name}`, `正在旅程 ${name} 中`);
  if (leaf.state === "was_in") return pick(words, `was in journey ${name}`, `曾在旅程 ${name} 中`);
  const node = named(leaf.node, words);
  return pick(words, `reached “${node}” in journey ${name}`, `在旅程 ${name} 中到达过“${node}”`);
}
