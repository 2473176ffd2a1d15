/** customers. */
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/Page";

export default function CustomersPage() {
  const { t } = useTranslation("app");
  return <Page title={t("rail.customers")}>{null}</Page>;
}
