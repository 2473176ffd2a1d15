/** An address without a page, and the way home. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Empty } from "@/ui/states";
import { Page } from "@/ui/Page";

export default function LostPage() {
  const { t } = useTranslation("app");
  return (
    <Page title={t("lost.title")}>
      <Empty title={t("lost.title")} hint={t("lost.hint")} action={<Link to="/">{t("lost.home")}</Link>} />
    </Page>
  );
}
