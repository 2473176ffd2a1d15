/** Names of send checks, which are also the reasons a message was held back. */
import { useTranslation } from "react-i18next";

export function useCheckWords(): (check: string) => string {
  const { t } = useTranslation("reasons");
  return (check) => t(`checks.${check}`, { defaultValue: t(`plain.${check}`, { defaultValue: check }) });
}
