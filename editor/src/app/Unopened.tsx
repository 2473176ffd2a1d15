/** Shown instead of a page that could not be opened, so that the rest of the editor stays usable. */
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { Empty } from "@/ui/states";
import Button from "antd/es/button";

export function Unopened() {
  const { t } = useTranslation("app");
  const trouble = useRouteError();
  const detail = trouble instanceof Error ? trouble.message : "";
  return (
    <Empty
      title={t("unopened.title")}
      hint={
        <>
          {t("unopened.hint")} {detail && <code>{detail}</code>}
        </>
      }
      action={
        <Button type="primary" onClick={() => window.location.reload()}>
          {t("unopened.reload")}
        </Button>
      }
    />
  );
}
