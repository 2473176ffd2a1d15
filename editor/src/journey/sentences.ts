/** What a node does, as a sentence: the catalog's template with each setting said by its type, in either language. */
import type { Filter } from "./rules";
import { filtersSentence, noNames, ruleSentence, wordsOf, type Names } from "./ruleSentence";
import type { Catalog, Duration, Kind, Language, Settings, SettingSpec, SettingType } from "./types";
import { filledIn, isEmpty } from "./catalog";
import { say } from "./words";

/** The sentence of a node. A setting that is not filled in yet reads as an ellipsis. */
export function sentence(
  catalog: Catalog,
  kind: Kind,
  given: Settings,
  language: Language,
  names: Names = noNames,
): string {
  const settings = filledIn(kind.settings, given);
  const chosen = kind.sentences?.of[String(settings[kind.sentences.setting])] ?? kind.sentence;
  const template = withoutEmptyParts(say(chosen, language), settings);
  return template
    .replace(/\{(\w+)\}/g, (_, name: string) => {
      const spec = kind.settings.find((one) => one.name === name);
      return spec ? settingWords({ catalog, language, names }, spec, settings[name]) : "…";
    })
    .trim();
}

/** `[…]` in a template is said only when the settings named in it are filled in. */
function withoutEmptyParts(template: string, settings: Settings): string {
  return template.replace(/\[([^\]]*)\]/g, (_, part: string) => {
    const named = [...part.matchAll(/\{(\w+)\}/g)].map((one) => one[1]!);
    return named.some((name) => isEmpty(settings[name])) ? "" : part;
  });
}

/** What saying a setting needs. */
export type Saying = { catalog: Catalog; language: Language; names: Names };

export function settingWords(saying: Saying, spec: SettingSpec, value: unknown): string {
  const own = BY_TYPE[spec.type];
  if (own) return own(saying, value);
  if (spec.choices) return choiceWords(spec, value, saying.language);
  if (Array.isArray(value)) return listWords(value, saying);
  return isEmpty(value) ? "…" : plainWords(value, saying);
}

const namedThing = ({ names }: Saying, value: unknown) =>
  isEmpty(value) ? "…" : (names[String(value)] ?? String(value));

const BY_TYPE: Partial<Record<SettingType, (saying: Saying, value: unknown) => string>> = {
  duration: ({ catalog, language }, value) => durationWords(catalog, value, language),
  rule: ({ catalog, language, names }, value) => ruleSentence(value, wordsOf(catalog, language, names)),
  filters: ({ catalog, language, names }, value) =>
    filtersSentence(value as Filter[], wordsOf(catalog, language, names)) || "…",
  boolean: ({ language }, value) => YES_NO[language][value ? 0 : 1]!,
  weekdays: ({ language }, value) => weekdayWords(value, language),
  zone: ({ language }, value) => (isEmpty(value) ? ZONE_OF_CUSTOMER[language] : String(value)),
  segment: namedThing,
  journey: namedThing,
  coupon_pool: namedThing,
  goal: namedThing,
  node: namedThing,
};

const YES_NO = { en: ["yes", "no"], zh: ["是", "否"] };
const ZONE_OF_CUSTOMER = { en: "the customer's zone", zh: "客户所在时区" };

/** Monday first, as a week of work goes. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const DAY_NAMES = {
  en: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
  zh: ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
};
export const dayName = (day: string, language: Language): string =>
  DAY_NAMES[language][WEEKDAYS.indexOf(day as (typeof WEEKDAYS)[number])] ?? day;

function weekdayWords(value: unknown, language: Language): string {
  const days = Array.isArray(value) ? value.map(String) : [];
  if (days.length === 0) return "…";
  if (days.length === WEEKDAYS.length) return language === "zh" ? "每天" : "any day";
  return days.map((day) => dayName(day, language)).join(language === "zh" ? "、" : ", ");
}

function choiceWords(spec: SettingSpec, value: unknown, language: Language): string {
  const choice = spec.choices?.find((one) => one.value === value);
  return choice ? say(choice.title, language) : isEmpty(value) ? "…" : String(value);
}

/** A list of names ("A or B"), of arms ("A 50, B 50"), or of changes ("set tier to gold"). */
function listWords(items: unknown[], saying: Saying): string {
  if (items.length === 0) return "…";
  const { language } = saying;
  const comma = language === "zh" ? "、" : ", ";
  if (items.every((item) => isObject(item) && "weight" in item)) return items.map(arm).join(comma);
  if (items.every((item) => isObject(item) && "action" in item)) {
    return items.map((item) => change(item as Settings, saying)).join(comma);
  }
  return items.map(itemName).join(language === "zh" ? " 或 " : " or ");
}

const isObject = (item: unknown): item is Settings => typeof item === "object" && item !== null;

const arm = (item: unknown): string => `${itemName(item)} ${String((item as Settings).weight ?? "…")}`;

function change(item: Settings, saying: Saying): string {
  const name = String(item.attribute || "…");
  const value = isEmpty(item.value) ? "…" : plainWords(item.value, saying);
  const zh = saying.language === "zh";
  if (item.action === "unset") return zh ? `清除 ${name}` : `clear ${name}`;
  if (item.action === "increment") return zh ? `${name} 加 ${value}` : `add ${value} to ${name}`;
  return zh ? `${name} 设为 ${value}` : `set ${name} to ${value}`;
}

/** A value as it is, or the name of where it is read. */
function plainWords(value: unknown, { language }: Saying): string {
  if (typeof value === "boolean") return YES_NO[language][value ? 0 : 1]!;
  if (!isObject(value)) return String(value);
  return String(Object.values(value)[0] || "…");
}

function itemName(item: unknown): string {
  if (!isObject(item)) return isEmpty(item) ? "…" : String(item);
  return String(item.name || item.event || item.value || item.id || "…");
}

export function durationWords(catalog: Catalog, value: unknown, language: Language): string {
  if (value === null) return language === "zh" ? "不限时" : "no limit";
  const duration = value as Partial<Duration> | undefined;
  const unit = catalog.units.find((one) => one.unit === duration?.unit);
  if (typeof duration?.amount !== "number" || !unit) return "…";
  return `${duration.amount} ${say(duration.amount === 1 ? unit.one : unit.many, language)}`;
}
