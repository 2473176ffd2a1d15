/** Every page's styles stay loaded once it was visited: a class of one page must not dress up another. */
import { expect, it } from "vitest";

const files = import.meta.glob<string>("../**/*.css", { eager: true, query: "?raw", import: "default" });

const classesOf = (styles: string): Set<string> =>
  new Set([...styles.matchAll(/^\.([a-z][\w-]*)/gm)].map((match) => match[1]!));

it("lets only one file say how a class looks", () => {
  const owners = new Map<string, string[]>();
  for (const [path, styles] of Object.entries(files)) {
    for (const name of classesOf(styles)) owners.set(name, [...(owners.get(name) ?? []), path]);
  }
  expect([...owners].filter(([, paths]) => paths.length > 1)).toEqual([]);
  expect(owners.size).toBeGreaterThan(50);
});
