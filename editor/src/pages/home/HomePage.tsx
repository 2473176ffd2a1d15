/** home. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export default function HomePage() {
  const { t } = useTranslation("app");
  return <Page title={t("rail.home")}>{null}</Page>;
}
