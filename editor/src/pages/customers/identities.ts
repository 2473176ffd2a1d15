/** What each kind of identity is called; a kind of the shop's own is shown as it is. */
import { useTranslation } from "react-i18next";

export function useIdentityWords(): (kind: string) => string {
  const { t } = useTranslation("customers");
  return (kind) => t(`identity.${kind}`, { defaultValue: kind });
}
