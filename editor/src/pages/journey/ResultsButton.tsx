/** Opens what came of the journey; the page behind it is loaded when it is first asked for. */
import BarChartOutlined from "@ant-design/icons/es/icons/BarChartOutlined";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

const Results = lazy(() => import("./Results").then((loaded) => ({ default: loaded.Results })));

export function ResultsButton({ journey, version }: { journey: string; version: number | null }) {
  const { t } = useTranslation("results");
  const [state, setState] = useState<"never" | "open" | "shut">("never");
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={t("button")}
        title={t("button")}
        data-testid="journey-results"
        onClick={() => setState("open")}
      >
        <BarChartOutlined />
      </button>
      {state !== "never" && (
        <Suspense>
          <Results journey={journey} version={version} open={state === "open"} close={() => setState("shut")} />
        </Suspense>
      )}
    </>
  );
}
