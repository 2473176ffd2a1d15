/** Whether a segment is counted already, or still being worked out over all customers. */
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/segments";

export function SegmentState({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const tone = segment.state === "live" ? "good" : "busy";
  return (
    <span className="tag" data-tone={tone} data-testid="segment-state" data-state={segment.state}>
      {t(`state.${segment.state}`)}
    </span>
  );
}
