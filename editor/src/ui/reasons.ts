/**
 * Why something happened, as a sentence. The engine records what was read; here it becomes words of the shown language.
 * A shape nobody knows yet is shown as it came: a history is never unreadable.
 */
import type { TFunction } from "i18next";
import type { Format } from "@/app/format";
import type { Reason } from "@/api/types";

export type Words = { t: TFunction; format: Format };
type Leaf = { leaf?: Record<string, unknown>; read?: unknown; held?: boolean };
/** An empty sentence leaves the word to the engine. */
type Sentence = (reason: Reason, words: Words) => string;

const sentences: Record<string, Sentence> = {
  rule: ruleSentence,
  wait: (reason, { t, format }) =>
    reason.until ? t("reasons:wait", { until: format.moment(reason.until as string) }) : t("reasons:waitOpen"),
  event: (reason, { t }) => t("reasons:event", { event: reason.event }),
  split: splitSentence,
  skipped: (reason, words) =>
    words.t("reasons:skipped", { check: checkWords(reason.check, words) }) + detailWords(reason.detail, words),
  failed: (reason, words) => words.t("reasons:failed") + technicalWords(reason.detail, words),
  set_aside: (reason, words) => words.t("reasons:set_aside") + technicalWords(reason.detail, words),
  changed: (reason, words) => changedSentence((reason.attributes ?? {}) as Record<string, unknown>, words),
  absence: absenceSentence,
  exit_event: (reason, { t }) => t("reasons:exit_event", { event: reason.event }),
  cancelled: (reason, { t }) => t("reasons:cancelled", { event: reason.event }),
  end: (reason, words) => words.t("reasons:end") + detailWords(reason.note, words),
  nth: (reason, { t, format }) => t("reasons:nth", { n: format.number(Number(reason.count)) }),
  "no key": (reason, { t }) => t("reasons:noKey", { key: reason.key }),
  seen_together: seenTogether,
};

/**
 * One sentence for one reason; an empty text when there is nothing to say. `said` is the engine's own sentence: it counts
 * where this page has no words for what was read.
 */
export function reasonSentence(reason: Reason | string | null | undefined, words: Words, said = ""): string {
  if (reason === null || reason === undefined || reason === "") return "";
  const known = typeof reason === "string" ? readPlain(reason) : reason;
  if (Object.keys(known).length === 0) return "";
  const why = String(known.why ?? ("seen_together" in known ? "seen_together" : ""));
  const own = sentences[why]?.(known, words);
  if (own) return own;
  const plain = why && words.t(`reasons:plain.${why}`, { defaultValue: "" });
  if (plain) return plain + detailWords(known.detail, words);
  if (said) return said.charAt(0).toUpperCase() + said.slice(1);
  return typeof reason === "string" ? reason : JSON.stringify(reason);
}

/** An ended enrollment says its reason as `word` or `word: event`. */
function readPlain(reason: string): Reason {
  const match = /^([\w -]+): (.+)$/s.exec(reason);
  return match && sentences[match[1]!] ? { why: match[1], event: match[2] } : { why: reason };
}

/** The name of a send check in the shown language. */
export function checkWords(check: unknown, { t }: Words): string {
  return t(`reasons:checks.${String(check)}`, { defaultValue: String(check ?? "") });
}

function detailWords(detail: unknown, { t }: Words): string {
  if (detail === null || detail === undefined || detail === "") return "";
  return t("reasons:detail", { detail: typeof detail === "string" ? detail : JSON.stringify(detail) });
}

/** What the program said, marked as such: it is for whoever runs the engine. */
function technicalWords(detail: unknown, { t }: Words): string {
  return typeof detail === "string" && detail ? t("reasons:technical", { detail }) : "";
}

function splitSentence(reason: Reason, { t, format }: Words): string {
  if (typeof reason.roll !== "number") return "";
  return t("reasons:split", { roll: format.percent(reason.roll), arm: reason.name ?? reason.arm });
}

/** Says what decided: the leaves that agree with the outcome, or all of them when none does (under a `not`). */
function ruleSentence(reason: Reason, words: Words): string {
  const leaves = (Array.isArray(reason.leaves) ? reason.leaves : []) as Leaf[];
  if (!leaves.every(isPlain)) return "";
  const held = reason.held === true;
  const deciding = leaves.filter((leaf) => leaf.held === held);
  const facts = (deciding.length ? deciding : leaves).map((leaf) => leafFact(leaf, words));
  const key = held ? "reasons:ruleHeld" : "reasons:ruleNotHeld";
  return words.t(facts.length ? key : `${key}Bare`, { facts: facts.join(words.t("reasons:and")) });
}

/** Leaves this page has words for: a comparison with one value, and whether something was done. */
const isPlain = ({ leaf = {} }: Leaf): boolean =>
  typeof leaf.event === "string"
    ? leaf.measure === undefined && leaf.last === undefined && leaf.between === undefined
    : leaf.attribute !== undefined || leaf.property !== undefined;

/** What was read, as a fact that is true whichever way the leaf went. */
function leafFact({ leaf = {}, read, held }: Leaf, words: Words): string {
  if (typeof leaf.event === "string") return eventFact(leaf, read, held === true, words);
  const name = words.t(leaf.attribute !== undefined ? "reasons:ofCustomer" : "reasons:ofEvent", {
    name: leaf.attribute ?? leaf.property,
  });
  const missing = read === null || read === undefined;
  const op = String(leaf.op);
  if (missing) return words.t("reasons:unknown", { name });
  const side = held ? "held" : "not";
  return words.t(`reasons:ops.${side}.${op}`, {
    name,
    read: valueWords(read, words),
    value: valueWords(leaf.value, words),
    defaultValue: `${name}: ${valueWords(read, words)}`,
  });
}

function eventFact(leaf: Record<string, unknown>, read: unknown, held: boolean, { t, format }: Words): string {
  const happened = (leaf.did !== false) === held;
  const since = leaf.since === "entry" ? "Entry" : "Ever";
  const at = happened && typeof read === "string" ? format.moment(read) : "";
  const key = `reasons:${happened ? "did" : "didNot"}${happened && at ? "At" : since}`;
  return t(key, { event: leaf.event, at });
}

export function valueWords(value: unknown, { format }: Pick<Words, "format">): string {
  if (Array.isArray(value))
    return format.list(
      value.map((item) => valueWords(item, { format })),
      "disjunction",
    );
  if (typeof value === "number") return format.number(value);
  if (typeof value === "string") return `“${value}”`;
  return JSON.stringify(value) ?? "—";
}

function changedSentence(attributes: Record<string, unknown>, words: Words): string {
  const changes = Object.entries(attributes).map(([name, value]) =>
    value === null
      ? words.t("reasons:cleared", { name })
      : words.t("reasons:set", { name, value: valueWords(value, words) }),
  );
  return words.t(changes.length ? "reasons:changed" : "reasons:changedNothing", {
    changes: changes.join(words.t("reasons:comma")),
  });
}

function seenTogether(reason: Reason, { t, format }: Words): string {
  const seen = (Array.isArray(reason.seen_together) ? reason.seen_together : []) as { value?: unknown }[];
  return t("reasons:seenTogether", { identities: format.list(seen.map((one) => String(one.value))) });
}

function absenceSentence(reason: Reason, { t, format }: Words): string {
  const awaited = (Array.isArray(reason.not_events) ? reason.not_events : []).map(String);
  return t("reasons:absence", {
    event: reason.event,
    not_events: format.list(
      awaited.map((name) => `“${name}”`),
      "disjunction",
    ),
    at: reason.armed_at ? format.moment(reason.armed_at as string) : "—",
  });
}
