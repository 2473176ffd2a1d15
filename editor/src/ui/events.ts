/** Events by the names people know: a shop's as it tells them, those that the engine tells itself in words. */
import { useTranslation } from "react-i18next";

const OWN = "je.";
/** Whether the engine itself tells this event; nobody can send it or wait for it by name. */
export const isInternal = (name: string): boolean => name.startsWith(OWN);

export function useEventWords(): (name: string) => string {
  const { t } = useTranslation("words");
  return (name) => (isInternal(name) ? t(`internal.${name.slice(OWN.length)}`, { defaultValue: name }) : name);
}
