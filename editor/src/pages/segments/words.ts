/** A rule as a sentence on pages outside a journey, with the names of what it speaks of. */
import { useCatalogPage } from "@/api/queries";
import { useLanguage } from "@/app/i18n";
import { useNames } from "@/journey/names";
import { ruleSentence, wordsOf } from "@/journey/ruleSentence";
import type { Catalog } from "@/journey/types";

export function useRuleWords(): (rule: unknown) => string {
  const catalog = useCatalogPage().data as Catalog | undefined;
  const language = useLanguage();
  const names = useNames();
  return (rule) => (catalog ? ruleSentence(rule, wordsOf(catalog, language, names)) : "");
}
