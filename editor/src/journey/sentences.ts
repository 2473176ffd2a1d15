/** What a node does, as a sentence: the catalog's template with each setting said by its type, in either language. */
import { filtersSentence, ruleSentence, wordsOf, type Filter } from "./rules";
import type { Catalog, Duration, Kind, Language, Settings, SettingSpec } from "./types";
import { say } from "./words";

/** The sentence of a node. A setting that is not filled in yet reads as an ellipsis. */
export function sentence(catalog: Catalog, kind: Kind, settings: Settings, language: Language): string {
  return say(kind.sentence, language)
    .replace(/\{(\w+)\}/g, (_, name: string) => {
      const spec = kind.settings.find((one) => one.name === name);
      return spec ? settingWords(catalog, spec, settings[name], language) : "…";
    })
    .trim();
}

export function settingWords(catalog: Catalog, spec: SettingSpec, value: unknown, language: Language): string {
  if (spec.type === "duration") return durationWords(catalog, value, language);
  if (spec.type === "rule") return ruleSentence(value, wordsOf(catalog, language));
  if (spec.type === "filters") return filtersSentence(value as Filter[], wordsOf(catalog, language)) || "…";
  if (spec.type === "boolean") return YES_NO[language][value ? 0 : 1]!;
  if (spec.choices) return choiceWords(spec, value, language);
  if (Array.isArray(value)) return listWords(value, language);
  return value === undefined || value === null || value === "" ? "…" : String(value);
}

const YES_NO = { en: ["yes", "no"], zh: ["是", "否"] };

function choiceWords(spec: SettingSpec, value: unknown, language: Language): string {
  const choice = spec.choices?.find((one) => one.value === value);
  return choice ? say(choice.title, language) : value == null || value === "" ? "…" : String(value);
}

/** A list of names ("A or B"), of arms ("A 50, B 50"), or of changes ("set tier to gold"). */
function listWords(items: unknown[], language: Language): string {
  if (items.length === 0) return "…";
  const comma = language === "zh" ? "、" : ", ";
  if (items.every((item) => isObject(item) && "weight" in item)) return items.map(arm).join(comma);
  if (items.every((item) => isObject(item) && "action" in item)) {
    return items.map((item) => change(item as Settings, language)).join(comma);
  }
  return items.map(itemName).join(language === "zh" ? " 或 " : " or ");
}

const isObject = (item: unknown): item is Settings => typeof item === "object" && item !== null;

const arm = (item: unknown): string => `${itemName(item)} ${String((item as Settings).weight ?? "…")}`;

function change(item: Settings, language: Language): string {
  const name = String(item.attribute || "…");
  const value = item.value === undefined || item.value === "" ? "…" : String(item.value);
  if (item.action === "unset") return language === "zh" ? `清除 ${name}` : `clear ${name}`;
  if (item.action === "increment") return language === "zh" ? `${name} 加 ${value}` : `add ${value} to ${name}`;
  return language === "zh" ? `${name} 设为 ${value}` : `set ${name} to ${value}`;
}

function itemName(item: unknown): string {
  if (!isObject(item)) return item === "" || item == null ? "…" : String(item);
  return String(item.name || item.event || item.id || "…");
}

export function durationWords(catalog: Catalog, value: unknown, language: Language): string {
  if (value === null) return language === "zh" ? "不限时" : "no limit";
  const duration = value as Partial<Duration> | undefined;
  const unit = catalog.units.find((one) => one.unit === duration?.unit);
  if (typeof duration?.amount !== "number" || !unit) return "…";
  return `${duration.amount} ${say(duration.amount === 1 ? unit.one : unit.many, language)}`;
}
