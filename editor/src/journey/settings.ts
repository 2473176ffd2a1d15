/** The settings of the journey itself, read as the form shows them and written as the draft keeps them. */
import { defaults } from "./catalog";
import type { Catalog, JourneySettings, Settings } from "./types";

/** The journey's settings as the form shows them: what nobody has set stands at its default. */
export function journeySettings(catalog: Catalog, settings: JourneySettings): Settings {
  return { ...defaults(catalog.journey), ...settings };
}
