import { beforeAll, describe, expect, it } from "vitest";
import { i18next } from "@/app/i18n";
import { formats } from "@/app/format";
import { reasonSentence, type Words } from "./reasons";

const words = (language: "en" | "zh"): Words => ({ t: i18next.getFixedT(language), format: formats(language) });
const gold = { leaf: { attribute: "tier", op: "is", value: "gold" }, read: "gold", held: true };
const poor = { leaf: { property: "value", op: ">=", value: 200 }, read: 50, held: false };
const unpaid = { leaf: { event: "Order Completed", did: false, since: "entry" }, read: null, held: true };

describe("a reason reads like a sentence", () => {
  beforeAll(() => i18next.changeLanguage("en"));

  it("a rule that held names what it read", () => {
    const reason = { why: "rule", held: true, leaves: [gold, unpaid] };
    expect(reasonSentence(reason, words("en"))).toBe(
      "Yes, because tier is “gold”, and “Order Completed” has not happened since entering",
    );
    expect(reasonSentence(reason, words("zh"))).toBe(
      "是，因为客户的 tier 是 “gold”，且进入旅程后没有发生“Order Completed”",
    );
  });

  it("a rule that did not hold names only what decided", () => {
    const reason = { why: "rule", held: false, leaves: [gold, poor] };
    expect(reasonSentence(reason, words("en"))).toBe("No, because value of the starting event is 50, less than 200");
  });

  it("a missing value is said to be unknown, not compared", () => {
    const reason = { why: "rule", held: false, leaves: [{ ...gold, read: null, held: false }] };
    expect(reasonSentence(reason, words("en"))).toBe("No, because tier is not known");
  });

  it("an absence names what happened and what did not", () => {
    const reason = { why: "absence", event: "Product Added", not_events: ["Order Completed", "Cart Cleared"] };
    expect(reasonSentence(reason, words("en"))).toContain("no “Order Completed” or “Cart Cleared” followed in time");
  });

  it("a skipped message names the check that stopped it", () => {
    expect(reasonSentence({ why: "skipped", check: "consent", detail: "withdrawn" }, words("zh"))).toBe(
      "未发送：营销许可未通过（withdrawn）",
    );
  });

  it("a reason nobody knows yet is shown as it came", () => {
    expect(reasonSentence({ why: "novel", x: 1 }, words("en"))).toBe('{"why":"novel","x":1}');
    expect(reasonSentence("something new", words("zh"))).toBe("something new");
    expect(reasonSentence({}, words("en"))).toBe("");
  });

  it("what this page has no words for is said in the engine's", () => {
    const counted = { event: "A", measure: "count", op: ">=", value: 3 };
    const rule = { why: "rule", held: true, leaves: [{ leaf: counted, read: 4, held: true }] };
    expect(reasonSentence(rule, words("en"), "the number of A is at least 3")).toBe("The number of A is at least 3");
    expect(reasonSentence({ why: "novel", x: 1 }, words("zh"), "新原因")).toBe("新原因");
    expect(reasonSentence({ why: "split", arm: "b" }, words("en"), "the split gave b")).toBe("The split gave b");
  });

  it("an ended enrollment's short reason reads the same as the long one", () => {
    expect(reasonSentence("exit_event: Order Completed", words("en"))).toBe(
      reasonSentence({ why: "exit_event", event: "Order Completed" }, words("en")),
    );
    expect(reasonSentence("stopped", words("zh"))).toBe("旅程已停止");
  });

  it("a merge names what was seen together", () => {
    const reason = {
      seen_together: [
        { kind: "email", value: "ann@example.com" },
        { kind: "phone", value: "+4420" },
      ],
    };
    expect(reasonSentence(reason, words("en"))).toBe("Seen together: ann@example.com and +4420");
  });

  it.each(["waited", "timeout", "sent", "disabled", "end", "re-entry", "already in", "late event"])(
    "%s has its own words in both languages",
    (why) => {
      expect(reasonSentence({ why }, words("en"))).not.toContain("{");
      expect(reasonSentence({ why }, words("zh"))).toMatch(/[\u4e00-\u9fff]/);
    },
  );
});
