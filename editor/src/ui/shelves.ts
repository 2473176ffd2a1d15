/** What the catalog says about a kind, for pages that only show it: its shelf and its name. */
import { useCallback } from "react";
import { useSay } from "@/app/i18n";
import { useCatalogPage } from "@/api/queries";

export function useKinds() {
  const catalog = useCatalogPage().data;
  const say = useSay();
  const find = useCallback((kind: string) => catalog?.kinds.find((one) => one.kind === kind), [catalog]);
  return {
    shelfOf: (kind: string) => find(kind)?.shelf ?? "end",
    titleOf: (kind: string) => say(find(kind)?.title) || kind,
  };
}
