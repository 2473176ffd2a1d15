/** What a page shows while it has nothing else to show: loading, a refusal, emptiness. Each says what to do next. */
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import Button from "antd/es/button";
import Skeleton from "antd/es/skeleton";
import { ApiError } from "@/api/client";
import { useSay } from "@/app/i18n";

/** A quiet skeleton that waits a moment, so that quick answers do not flicker. */
export function Loading({ rows = 5 }: { rows?: number }) {
  const { t } = useTranslation("app");
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="state-loading" role="status" aria-label={t("states.loading")}>
      {shown && <Skeleton active title={false} paragraph={{ rows }} />}
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation("app");
  const sentence = useErrorSentence();
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <div className="state" role="alert">
      <h2>{t(missing ? "states.missing" : "states.failed")}</h2>
      <p>{missing ? t("states.missingHint") : sentence(error)}</p>
      {retry && !missing && <Button onClick={retry}>{t("states.retry")}</Button>}
    </div>
  );
}

export function Empty({ title, hint, action }: { title: string; hint: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      <p>{hint}</p>
      {action}
    </div>
  );
}

/** What went wrong, as the engine said it in the shown language. */
export function useErrorSentence(): (error: unknown) => string {
  const { t } = useTranslation("app");
  const say = useSay();
  return (error) => (error instanceof ApiError ? say(error.text) : t("states.unknown"));
}
