/** settings. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export default function SettingsPage() {
  const { t } = useTranslation("app");
  return <Page title={t("rail.settings")}>{null}</Page>;
}
