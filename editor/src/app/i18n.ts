/**
 * Words in two languages. Each area has a pair of files in `locales/` (`home.en.ts`, `home.zh.ts`) and is a namespace here.
 * The operator's saved language wins, then this browser's last choice, then what the browser asks for.
 */
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

export type Language = "en" | "zh";
/** A text the engine hands over in both languages. */
export type Text = { en: string; zh: string };

const KEY = "journey.language";

type Words = { [key: string]: string | Words };
const files = import.meta.glob<Words>("../locales/*.{en,zh}.ts", { eager: true, import: "default" });

function resources(): Record<Language, Record<string, Words>> {
  const found: Record<Language, Record<string, Words>> = { en: {}, zh: {} };
  for (const [path, words] of Object.entries(files)) {
    const match = /\/([\w-]+)\.(en|zh)\.ts$/.exec(path);
    if (match) found[match[2] as Language][match[1]!] = words;
  }
  return found;
}

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

void i18next.use(initReactI18next).init({
  resources: resources(),
  lng: firstLanguage(),
  fallbackLng: "en",
  defaultNS: "app",
  interpolation: { escapeValue: false },
});

const tag = (language: Language) => (language === "zh" ? "zh-CN" : "en");
document.documentElement.lang = tag(i18next.language as Language);

/** Show the whole editor in this language from now on. */
export function speak(language: Language): void {
  localStorage.setItem(KEY, language);
  document.documentElement.lang = tag(language);
  if (i18next.language !== language) void i18next.changeLanguage(language);
}

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === "zh" ? "zh" : "en";
}

/** Picks the shown language of a text that comes in both; a plain string is shown as it is. */
export function useSay(): (text: Text | string | null | undefined) => string {
  const language = useLanguage();
  return (text) => (typeof text === "string" ? text : (text?.[language] ?? text?.en ?? ""));
}

export { i18next };
