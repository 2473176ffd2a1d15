/** Shown instead of a page that could not be opened, so that the rest of the editor stays usable. */
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import Button from "antd/es/button";
import Result from "antd/es/result";

export function Unopened() {
  const { t } = useTranslation("app");
  const trouble = useRouteError();
  const detail = trouble instanceof Error ? trouble.message : "";
  return (
    <Result
      status="warning"
      title={t("unopened.title")}
      subTitle={
        <>
          {t("unopened.hint")} {detail && <code>{detail}</code>}
        </>
      }
      extra={
        <Button type="primary" onClick={() => window.location.reload()}>
          {t("unopened.reload")}
        </Button>
      }
    />
  );
}
