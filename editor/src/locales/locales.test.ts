import { describe, expect, it } from "vitest";

type Words = { [key: string]: string | Words };
const files = import.meta.glob<Words>("./*.{en,zh}.ts", { eager: true, import: "default" });
const areas = [...new Set(Object.keys(files).flatMap((path) => /\.\/([\w-]+)\.(?:en|zh)\.ts$/.exec(path)?.[1] ?? []))];

const flat = (words: Words, under = ""): [string, string][] =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[under + key, value] as [string, string]] : flat(value, `${under}${key}.`),
  );
// Plural forms differ by language: Chinese has one where English has two.
const keys = (words: Words) => [...new Set(flat(words).map(([key]) => key.replace(/_(one|other)$/, "")))].sort();
const slots = (text: string) => (text.match(/{{\w+}}/g) ?? []).sort();

describe.each(areas)("the words of %s", (area) => {
  const en = files[`./${area}.en.ts`]!;
  const zh = files[`./${area}.zh.ts`]!;

  it("are there in both languages, none empty", () => {
    expect(keys(zh)).toEqual(keys(en));
    const empty = [...flat(en), ...flat(zh)].filter(([, text]) => !text.trim());
    expect(empty).toEqual([]);
  });

  it("name the same values in both languages", () => {
    const chinese = new Map(flat(zh));
    const differing = flat(en)
      .filter(([key]) => chinese.has(key))
      .filter(([key, text]) => slots(text).join() !== slots(chinese.get(key)!).join());
    expect(differing).toEqual([]);
  });
});
