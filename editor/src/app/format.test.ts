import { expect, it } from "vitest";
import { formats } from "./format";

const at = "2026-11-22T16:36:45Z";
const now = () => new Date(at).getTime();
const en = formats("en", now);
const zh = formats("zh", now);

it("a moment that never came is a dash, not 1970", () => {
  expect(en.dateTime(null)).toBe("—");
  expect(en.exact("")).toBe("—");
  expect(zh.ago(undefined)).toBe("—");
  expect(en.number(null)).toBe("—");
});

it("an exact moment ends with its zone in both languages", () => {
  const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" })
    .formatToParts(new Date(at))
    .find((part) => part.type === "timeZoneName")!.value;
  expect(en.exact(at).endsWith(zone)).toBe(true);
  expect(zh.exact(at)).toMatch(/日 \d\d:\d\d:45 \S+$/);
});

it("how long ago is said in the largest whole unit", () => {
  const before = (seconds: number) => new Date(now() - seconds * 1000).toISOString();
  expect(en.ago(before(59))).toBe("59 sec. ago");
  expect(en.ago(before(125))).toBe("2 min. ago");
  expect(en.ago(before(3 * 86_400))).toBe("3 days ago");
  expect(zh.ago(before(125))).toBe("2分钟前");
});

it("a span keeps one decimal only while it is short", () => {
  expect(en.span(90)).toBe("1.5 minutes");
  expect(en.span(31.4)).toBe("31 seconds");
  expect(zh.span(7_200)).toBe("2小时");
});
