/** Dots run only for customers who really moved. */
import { describe, expect, it } from "vitest";
import type { Counts } from "@/journey/types";
import { dots, MOST_DOTS, passed } from "./flow";
import { useLive } from "./store";

const counts = (next: number, version: number | null = null): Counts => ({
  journey_id: "j",
  version,
  at: "2026-01-01T00:00:00Z",
  totals: {},
  nodes: { w: { entered: next, waiting: 0, failed: 0, exits: { next, failed: 2 } } },
});

describe("what passed an exit", () => {
  it("is the difference of two counts, and nothing at the first look", () => {
    expect(passed(null, counts(7))).toEqual({});
    expect(passed(counts(7), counts(7))).toEqual({});
    expect(passed(counts(7), counts(9))).toEqual({ "w next": 2 });
  });

  it("is nothing when another version comes on show", () => {
    expect(passed(counts(7), counts(9, 2))).toEqual({});
  });

  it("starts a new burst each time customers pass, and none when nobody does", () => {
    const { take } = useLive.getState();
    for (const next of [1, 3, 3, 4]) take(counts(next));
    expect(useLive.getState().bursts["w next"]).toEqual({ number: 2, count: 1 });
  });
});

it("shows one dot for one customer and a few for very many", () => {
  expect(dots(1)).toBe(1);
  expect(dots(10)).toBeGreaterThan(dots(1));
  expect(dots(1_000_000)).toBe(MOST_DOTS);
});
