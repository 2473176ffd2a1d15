/** sandbox. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export default function SandboxPage() {
  const { t } = useTranslation("app");
  return <Page title={t("rail.sandbox")}>{null}</Page>;
}
