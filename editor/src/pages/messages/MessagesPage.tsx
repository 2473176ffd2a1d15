/** messages. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export default function MessagesPage() {
  const { t } = useTranslation("app");
  return <Page title={t("rail.messages")}>{null}</Page>;
}
