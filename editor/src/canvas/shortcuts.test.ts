/** Every key does one thing, and the search finds kinds in both languages. */
import { describe, expect, it } from "vitest";
import { catalog, draw } from "@/journey/cast";
import { cards, edgeId, lines, placeOf } from "./flow";
import { matching } from "./search";
import { actOf, SHORTCUTS } from "./shortcuts";
import { wayIntoView } from "./view";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "shiftKey" | "altKey", boolean>> = {}) =>
  actOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });

describe("keys", () => {
  it("do one thing each", () => {
    const keys = SHORTCUTS.flatMap((one) => one.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("work with Ctrl and with Command, and not with Alt", () => {
    expect(press("z", { ctrlKey: true })).toBe("undo");
    expect(press("Z", { metaKey: true, shiftKey: true })).toBe("redo");
    expect(press("d")).toBe("disable");
    expect(press("d", { ctrlKey: true })).toBe("duplicate");
    expect(press("d", { altKey: true })).toBeUndefined();
    expect(press("?", { shiftKey: true })).toBe("help");
    expect(press("Tab", { shiftKey: true })).toBeUndefined();
  });
});

describe("the add menu", () => {
  it("finds a kind by letters of either language", () => {
    expect(matching(catalog, "sms", false).map((kind) => kind.kind)).toEqual(["send_sms"]);
    expect(matching(catalog, "等", false).map((kind) => kind.kind)).toEqual(["wait", "wait_until_event"]);
    expect(matching(catalog, "zzz", true)).toEqual([]);
  });

  it("offers triggers only where nothing comes before", () => {
    expect(matching(catalog, "", false).some((kind) => kind.role === "trigger")).toBe(false);
    expect(matching(catalog, "", true).some((kind) => kind.role === "trigger")).toBe(true);
  });
});

describe("what is drawn", () => {
  it("keeps the object of every card that did not change", () => {
    const graph = draw("t:absence next→w", "w:wait next→x", "x:exit");
    const before = cards(graph, [], {}, {});
    const after = cards(graph, ["w"], {}, {});
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  it("draws no edge from an exit that a node does not have", () => {
    const graph = draw("t:absence next→x gone→x", "x:exit");
    expect(lines(catalog, graph, null, "en").map((line) => line.id)).toEqual(["t next"]);
    expect(placeOf(edgeId("t", "next"))).toEqual({ from: "t", exit: "next" });
  });
});

it("moves the view only as far as a card is hidden", () => {
  const view = { width: 560, height: 600 };
  expect(wayIntoView({ x: 40, y: 40, width: 248, height: 120 }, view)).toEqual({ x: 0, y: 0 });
  expect(wayIntoView({ x: 400, y: 40, width: 248, height: 120 }, view)).toEqual({ x: -120, y: 0 });
  expect(wayIntoView({ x: -50, y: 560, width: 248, height: 120 }, view)).toEqual({ x: 82, y: -164 });
});
