/** The editor keeps up with the engine: every setting, operator and exit of the real catalog can be shown and said. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { FIELDS } from "./fields";
import { isDrawn } from "@/faces/icons";
import { exitsOf, newNode } from "@/journey/catalog";
import { sentence } from "@/journey/sentences";
import type { Catalog, SettingSpec } from "@/journey/types";

const root = resolve(process.cwd(), "..");
const bundled = resolve(root, ".venv/bin/python");
const python = process.env.PYTHON ?? (existsSync(bundled) ? bundled : "python3");
const catalog = JSON.parse(
  execFileSync(
    python,
    ["-c", "import json; from journey_engine.catalog import catalog; print(json.dumps(catalog()))"],
    {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 16 * 1024 * 1024,
    },
  ),
) as Catalog;

const every = (specs: SettingSpec[]): SettingSpec[] =>
  specs.flatMap((spec) => [spec, ...every((spec.fields ?? []) as SettingSpec[])]);
const settings = every([...catalog.kinds.flatMap((kind) => kind.settings), ...catalog.journey]);

describe("the engine's catalog", () => {
  it("has no setting whose type this editor has no field for", () => {
    const unknown = settings.filter((spec) => !(spec.type in FIELDS)).map((spec) => `${spec.name}: ${spec.type}`);
    expect(unknown).toEqual([]);
    expect(settings.length).toBeGreaterThan(30);
  });

  it("says every setting in both languages, and offers a choice wherever there is one to make", () => {
    const silent = settings.filter((spec) => !spec.title.en || !spec.title.zh).map((spec) => spec.name);
    const empty = settings.filter((spec) => spec.type === "choice" && !spec.choices?.length).map((spec) => spec.name);
    expect([...silent, ...empty]).toEqual([]);
  });

  it("has a picture for every kind", () => {
    expect(catalog.kinds.filter((kind) => !isDrawn(kind.icon)).map((kind) => kind.icon)).toEqual([]);
  });

  it.each(catalog.kinds.map((kind) => kind.kind))("has a sentence for a fresh %s in both languages", (name) => {
    const kind = catalog.kinds.find((one) => one.kind === name)!;
    const node = newNode(kind, "n1", { x: 0, y: 0 });
    for (const language of ["en", "zh"] as const) {
      const said = sentence(catalog, kind, node.settings, language);
      expect(said.length).toBeGreaterThan(1);
      expect(said).not.toMatch(/[{}[\]]|undefined|\[object/);
    }
    expect(new Set(exitsOf(catalog, node).map((exit) => exit.id)).size).toBe(exitsOf(catalog, node).length);
  });
});
