/** events. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export default function EventsPage() {
  const { t } = useTranslation("app");
  return <Page title={t("rail.events")}>{null}</Page>;
}
