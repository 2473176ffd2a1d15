import { expect, it } from "vitest";
import { everyDay, lineOf } from "./line";

it("a day without a word keeps the size of the day before", () => {
  const known = [
    { day: "2026-02-27", joined: 5, left: 0, size: 5 },
    { day: "2026-03-01", joined: 1, left: 2, size: 4 },
  ];
  expect(everyDay(known, "2026-03-02").map((one) => `${one.day} ${one.joined} ${one.size}`)).toEqual([
    "2026-02-27 5 5",
    "2026-02-28 0 5",
    "2026-03-01 1 4",
    "2026-03-02 0 4",
  ]);
  expect(everyDay([], "2026-03-02")).toHaveLength(1);
});

it("a line stays inside its frame, and close large values use its height", () => {
  const heights = (values: number[]) =>
    [...lineOf(values, 100, 90).matchAll(/ (-?[\d.]+)/g)].map((one) => Number(one[1]));
  for (const values of [[0, 0], [0, 10, 5], [1000, 1010, 1005], [3]]) {
    expect(heights(values).every((y) => y >= 0 && y <= 90)).toBe(true);
  }
  const [low, high] = heights([1000, 1010]);
  expect(low! - high!).toBeGreaterThan(40);
});
