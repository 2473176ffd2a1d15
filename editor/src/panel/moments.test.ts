/** Times of day and cron expressions read as people mean them. */
import { describe, expect, it } from "vitest";
import { clockIn, cronSentence, nextRuns, readCron, type Local } from "./cron";
import { pad, readTime } from "./moments";

describe("times of day", () => {
  it("are read however they are typed, and refused when there is no such time", () => {
    expect(["7:30", "07:30", "0730", "7", "7：30", "19.05"].map(readTime)).toEqual([
      "07:30",
      "07:30",
      "07:30",
      "07:00",
      "07:30",
      "19:05",
    ]);
    expect(["24:00", "23:59"].map(readTime)).toEqual(["24:00", "23:59"]);
    expect(["24:01", "25:00", "7:60", "noon", ""].map(readTime)).toEqual([null, null, null, null, null]);
  });
});

const at = (text: string): Local => {
  const [year, month, day, hour, minute] = text.split(/[- :]/).map(Number) as [number, number, number, number, number];
  return { year, month, day, hour, minute };
};
const runs = (expression: string, from: string, count = 3) =>
  nextRuns(readCron(expression)!, at(from), count).map(
    (one) => `${one.year}-${pad(one.month)}-${pad(one.day)} ${pad(one.hour)}:${pad(one.minute)}`,
  );

describe("cron expressions", () => {
  it("come next at the wall clock times they name", () => {
    expect(runs("0 9 * * *", "2026-02-27 09:00")).toEqual(["2026-02-28 09:00", "2026-03-01 09:00", "2026-03-02 09:00"]);
    expect(runs("30 8 * * mon", "2026-11-22 10:00", 2)).toEqual(["2026-11-23 08:30", "2026-11-30 08:30"]);
    expect(runs("0 0 29 2 *", "2026-01-01 00:00", 1)).toEqual(["2028-02-29 00:00"]);
    expect(runs("0 9 l * *", "2026-02-01 00:00", 2)).toEqual(["2026-02-28 09:00", "2026-03-31 09:00"]);
    expect(runs("*/20 22-23 1,15 * *", "2026-05-01 22:30", 3)).toEqual([
      "2026-05-01 22:40",
      "2026-05-01 23:00",
      "2026-05-01 23:20",
    ]);
  });

  it("come on either, where both a day of the month and a weekday are named", () => {
    expect(runs("0 0 13 * 5", "2026-11-01 00:00", 3)).toEqual([
      "2026-11-06 00:00",
      "2026-11-13 00:00",
      "2026-11-20 00:00",
    ]);
  });

  it("that name no day never come, and what is none is not read", () => {
    expect(runs("0 0 31 2 *", "2026-01-01 00:00")).toEqual([]);
    expect(["", "* * * *", "60 * * * *", "0 24 * * *", "0 9 * * monday", "0 9 ? * *"].map(readCron)).toEqual(
      Array.from({ length: 6 }, () => null),
    );
  });

  it("read as a sentence where they are simple", () => {
    const said = (text: string, language: "en" | "zh" = "en") => cronSentence(readCron(text)!, language);
    expect(said("0 9 * * *")).toBe("Every day at 09:00");
    expect(said("0 9,18 * * 1-5")).toBe("Every Mon, Tue, Wed, Thu, Fri at 09:00, 18:00");
    expect(said("0 9 * * 0", "zh")).toBe("每周日 09:00");
    expect(said("0 9 1 * *", "zh")).toBe("每月 1 日 09:00");
    expect(said("*/15 * * * *")).toBe("Every day every 15 minutes");
    expect(said("0 9 1 * 1")).toBeNull();
  });

  it("are counted from what the clock of the zone shows now", () => {
    expect(clockIn("Asia/Shanghai", new Date("2026-01-01T16:05:00Z"))).toEqual(at("2026-01-02 00:05"));
    expect(clockIn("Nowhere/Land", new Date("2026-01-01T16:05:00Z"))).toEqual(at("2026-01-01 16:05"));
  });
});
