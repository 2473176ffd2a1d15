/** The rule language in the editor: what is finished, what can be counted, how each leaf reads aloud. */
import { describe, expect, it } from "vitest";
import { catalog } from "./cast";
import { applies, exitsOf, listItems } from "./catalog";
import {
  isComplete,
  leafSort,
  leavesOf,
  missingIn,
  newLeaf,
  readsCustomerAlone,
  type Leaf,
  type LeafSort,
} from "./rules";
import { ruleSentence, wordsOf } from "./ruleSentence";
import { sentence } from "./sentences";
import type { Kind } from "./types";

const names = { s1: "Big spenders", j1: "Welcome", n3: "Send SMS" };
const en = (rule: unknown) => ruleSentence(rule, wordsOf(catalog, "en", names));
const zh = (rule: unknown) => ruleSentence(rule, wordsOf(catalog, "zh", names));
const last30 = { last: { amount: 30, unit: "days" } };

describe("leaves", () => {
  it.each<[Leaf, string, string]>([
    [{ tag: "vip" }, "has the tag vip", "有标签 vip"],
    [{ segment: "s1" }, "is in the segment Big spenders", "属于分群 Big spenders"],
    [{ consent: "sms", state: "granted" }, "agreed to marketing by sms", "对 sms 的 marketing 已同意"],
    [
      { event: "Order Completed", measure: "count", op: ">=", value: 3, ...last30 },
      "the number of Order Completed is at least 3 within the last 30 days",
      "在过去 30 天内 Order Completed 的次数 不小于 3",
    ],
    [
      { event: "Order Completed", measure: "sum", of: "total", op: ">=", value: 200, since: "ever" },
      "the sum of total of Order Completed is at least 200",
      "Order Completed 的 total 之和 不小于 200",
    ],
    [
      { event: "Order Completed", measure: "last", of: "sku", op: "is", value: "A1", since: { node: "n3" } },
      "sku of the last Order Completed is A1 since “Send SMS”",
      "到达“Send SMS”之后 最近一次 Order Completed 的 sku 是 A1",
    ],
    [
      { event: "Cart Viewed", did: false, between: ["2026-01-01", "2026-01-31"] },
      "did not do Cart Viewed between 2026-01-01 and 2026-01-31",
      "在 2026-01-01 至 2026-01-31 期间没有发生 Cart Viewed",
    ],
    [
      { message: "opened", did: false, node: "n3", since: "ever" },
      "did not open the message of “Send SMS”",
      "没有打开 “Send SMS”的消息",
    ],
    [{ journey: "j1", state: "is_in" }, "is in journey Welcome", "正在旅程 Welcome 中"],
    [
      { context: "coupon", op: "is", value: { property: "code" } },
      "coupon is the starting event's code",
      "coupon 是 触发事件的code",
    ],
  ])("%o reads aloud in both languages", (leaf, english, chinese) => {
    expect(en(leaf)).toBe(english);
    expect(zh(leaf)).toBe(chinese);
    expect(isComplete(leaf)).toBe(true);
  });

  it("are told apart although a message may name a journey and an event a property", () => {
    expect(leafSort({ message: "sent", did: true, journey: "j1" })).toBe("message");
    expect(leafSort({ event: "A", measure: "sum", of: "total", op: ">", value: 1 })).toBe("event");
  });

  it("begin unfinished and say what they lack", () => {
    const fresh = (sort: LeafSort) => missingIn(newLeaf(sort));
    expect((["attribute", "tag", "segment", "event", "journey"] as const).map(fresh)).toEqual(Array(5).fill("name"));
    expect(missingIn({ attribute: "tier", op: "is", value: "" })).toBe("value");
    expect(missingIn({ event: "A", measure: "sum", of: "", op: ">", value: 1 })).toBe("of");
    expect(missingIn({ event: "A", did: true, since: { node: "" } })).toBe("node");
    expect(missingIn({ event: "A", did: true, between: ["2026-01-01", ""] })).toBe("dates");
    expect(missingIn({ journey: "j1", state: "reached", node: "" })).toBe("node");
    expect(missingIn({ event: "A", did: true, where: [{ property: "sku", op: "is", value: "" }] })).toBe("value");
  });
});

describe("rules", () => {
  it("can be counted over all customers only while they read nothing of one journey", () => {
    const alone: Leaf[] = [{ tag: "vip" }, { event: "A", did: true, ...last30 }, { message: "sent", did: true }];
    expect(readsCustomerAlone({ all: alone })).toBe(true);
    for (const leaf of [
      { property: "total", op: ">", value: 1 },
      { attribute: "tier", op: "is", value: { context: "tier" } },
      { event: "A", did: true, since: "entry" as const },
      { message: "opened" as const, did: true, node: "n3" },
    ]) {
      expect(readsCustomerAlone({ any: [...alone, { not: leaf }] })).toBe(false);
    }
    expect(leavesOf({ all: [{ not: { any: alone } }, alone[0]!] })).toHaveLength(4);
  });
});

describe("settings that depend on others", () => {
  const timed: Kind = {
    ...catalog.kinds.find((one) => one.kind === "wait_until_event")!,
    sentence: { en: "Wait until {events}[, at most {timeout}]", zh: "等到 {events}[，最多 {timeout}]" },
    exits: [{ id: "timeout", title: { en: "", zh: "" }, sense: "timeout", required: true, when: "timeout" }],
  };
  const events = [{ id: "paid", name: "Paid", event: "Order Completed" }];
  const some = { ...catalog, kinds: [timed] };
  const node = (settings: Record<string, unknown>) => ({
    id: "n",
    kind: timed.kind,
    settings,
    position: { x: 0, y: 0 },
  });

  it("take an exit and a part of the sentence away while they are empty", () => {
    const timeout = { amount: 2, unit: "days" };
    expect(sentence(some, timed, { events, timeout }, "en")).toBe("Wait until Paid, at most 2 days");
    expect(sentence(some, timed, { events, timeout: null }, "zh")).toBe("等到 Paid");
    expect(exitsOf(some, node({ events, timeout })).map((exit) => exit.id)).toEqual(["timeout"]);
    expect(exitsOf(some, node({ events, timeout: null }))).toEqual([]);
  });

  it("are shown only while another one has one of certain values", () => {
    const at = { name: "at", type: "time" as const, title: { en: "", zh: "" }, only_when: { mode: ["days", null] } };
    expect(applies(at, { mode: "days" })).toBe(true);
    expect(applies(at, { mode: "next" })).toBe(false);
    expect(applies(at, {})).toBe(true);
  });

  it("stand at their defaults where a document says nothing at all", () => {
    const drawn = { id: "n", kind: timed.kind, settings: undefined as never, position: { x: 0, y: 0 } };
    expect(exitsOf(some, drawn).map((exit) => exit.id)).toEqual(["timeout"]);
    expect(listItems(undefined, "goals")).toEqual([]);
  });

  it("choose the sentence where one sentence is not enough", () => {
    const chosen = { ...timed, sentences: { setting: "mode", of: { next: { en: "Until {at}", zh: "到 {at}" } } } };
    const at = { name: "at", type: "time" as const, title: { en: "", zh: "" } };
    const kind = { ...chosen, settings: [...timed.settings, at] };
    expect(sentence(some, kind, { mode: "next", at: "07:30", events }, "en")).toBe("Until 07:30");
    expect(sentence(some, kind, { mode: "other", events, timeout: null }, "en")).toBe("Wait until Paid");
  });
});
