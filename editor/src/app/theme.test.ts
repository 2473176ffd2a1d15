import { describe, expect, it } from "vitest";
import { tokens, type Mode, type Tokens } from "./theme";

const channel = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const light = (hex: string) => {
  const [r, g, b] = [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
const contrast = (one: string, other: string) => {
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
};

const grounds: (keyof Tokens)[] = ["ground", "surface", "raised", "sunken"];
const inks: (keyof Tokens)[] = ["text", "textSoft", "textFaint", "accent", "bad", "warn", "good"];
const onTheirSoft: (keyof Tokens)[] = [
  "accent",
  "trigger",
  "timing",
  "logic",
  "message",
  "customer",
  "end",
  "good",
  "warn",
  "bad",
];

describe.each(["light", "dark"] as Mode[])("in the %s look", (mode) => {
  const t = tokens[mode];

  it.each(inks)("%s is readable on every ground", (ink) => {
    for (const ground of grounds)
      expect(contrast(t[ink], t[ground]), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  it.each(onTheirSoft)("%s is readable on its soft ground", (ink) => {
    expect(contrast(t[ink], t[`${ink}Soft` as keyof Tokens])).toBeGreaterThanOrEqual(4.5);
  });
});
