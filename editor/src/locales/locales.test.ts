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

const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.*"], {
  eager: true,
  query: "?raw",
  import: "default",
});

/** The literal keys a source file asks for, each with its area; keys put together at run time are not looked at. */
function asked(source: string): string[] {
  const area = /useTranslation\("([\w-]+)"\)/.exec(source)?.[1];
  return [...source.matchAll(/\bt\(\s*"([\w.:-]+)"/g)]
    .map((match) => match[1]!)
    .map((key) => (key.includes(":") ? key : `${area ?? "app"}:${key}`));
}

const known = new Set(areas.flatMap((area) => keys(files[`./${area}.en.ts`]!).map((key) => `${area}:${key}`)));

it.each(Object.keys(sources))("%s asks only for words that are there", (path) => {
  expect(asked(sources[path]!).filter((key) => !known.has(key))).toEqual([]);
});
