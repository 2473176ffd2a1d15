/** Picking the language of a text that comes in both. */
import type { Language, Text } from "./types";

export function say(text: Text | null | undefined, language: Language): string {
  return text ? text[language] || text.en : "";
}
