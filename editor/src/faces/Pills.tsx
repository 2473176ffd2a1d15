/** How many customers came to a node and how many wait there now; a click shows who they are. */
import type { MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/app/format";
import { useCanvasUi } from "@/canvas/ui";
import { testIds } from "@/journey/testids";
import { useNodeCounts } from "@/live/store";

export function Pills({ node }: { node: string }) {
  const { t } = useTranslation("canvas");
  const { compact, number } = useFormat();
  const counts = useNodeCounts(node);
  const set = useCanvasUi((ui) => ui.set);
  if (!counts || counts.entered + counts.waiting === 0) return null;
  const show = (status?: string) => (event: MouseEvent) => {
    event.stopPropagation();
    set({ people: { node, status } });
  };
  const pill = (tone: string, testId: string, count: number, words: string, status?: string) => (
    <button
      type="button"
      className="pill nodrag nopan"
      data-tone={tone}
      data-testid={testId}
      data-count={count}
      title={words}
      aria-label={words}
      onClick={show(status)}
    >
      {compact(count)}
    </button>
  );
  return (
    <div className="pills">
      {pill("passed", testIds.countEntered(node), counts.entered, t("counts.entered", { n: number(counts.entered) }))}
      {counts.waiting > 0 &&
        pill(
          "waiting",
          testIds.countWaiting(node),
          counts.waiting,
          t("counts.waiting", { n: number(counts.waiting) }),
          "waiting",
        )}
      {counts.failed > 0 &&
        pill(
          "failed",
          `count-failed-${node}`,
          counts.failed,
          t("counts.failed", { n: number(counts.failed) }),
          "failed",
        )}
    </div>
  );
}
