/** journeys. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export default function JourneysPage() {
  const { t } = useTranslation("app");
  return <Page title={t("rail.journeys")}>{null}</Page>;
}
