/** Finding kinds by a few letters, in either language whatever is shown. */
import type { Catalog, Kind } from "@/journey/types";

export function matching(catalog: Catalog, words: string, triggersToo: boolean): Kind[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const order = catalog.shelves.map((shelf) => shelf.id);
  return catalog.kinds
    .filter((kind) => triggersToo || kind.role === "node")
    .filter((kind) => wanted.every((word) => text(kind).includes(word)))
    .sort((a, b) => order.indexOf(a.shelf) - order.indexOf(b.shelf));
}

const text = (kind: Kind): string =>
  [kind.kind, kind.title.en, kind.title.zh, kind.help.en, kind.help.zh].join(" ").toLowerCase();
