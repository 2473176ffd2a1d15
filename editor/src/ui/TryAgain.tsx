/** The button that tries again what was set aside, for those who may; what keeps it from being tried is said beside it. */
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import { useRetry } from "@/api/queries";
import { useMay } from "@/app/may";
import { useErrorSentence } from "@/ui/states";

export function TryAgain({ kind, id }: { kind: "events" | "messages" | "enrollments"; id: string }) {
  const { t } = useTranslation("app");
  const may = useMay();
  const retry = useRetry(kind);
  const words = useErrorSentence();
  if (!may("edit")) return null;
  return (
    <span className="try-again">
      <Button size="small" loading={retry.isPending} disabled={retry.isSuccess} onClick={() => retry.mutate(id)}>
        {t(retry.isSuccess ? "retry.done" : "retry.act")}
      </Button>
      {retry.isError && (
        <span className="faint" role="alert">
          {" "}
          {words(retry.error)}
        </span>
      )}
    </span>
  );
}
