/** An edge: smooth-stepped, with how many passed, a "+" to insert, and dots while customers really pass. */
import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type Edge, type EdgeProps } from "@xyflow/react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/app/format";
import { useStill } from "@/app/look";
import { Plus } from "@/faces/Plus";
import { useReadOnly } from "@/journey/store";
import { testIds } from "@/journey/testids";
import { exitKey, dots } from "@/live/flow";
import { useBurst, useExitCount } from "@/live/store";
import { useCanvasUi } from "./ui";

export type Line = Edge<{ exit: string; label: string; sense: string; onlyExit: boolean }, "line">;

export const EdgeLine = memo(function EdgeLine(props: EdgeProps<Line>) {
  const { id, source, selected, data } = props;
  const exit = data?.exit ?? "";
  const [path, x, y] = getSmoothStepPath({ ...props, borderRadius: 12, offset: 22 });
  const [near, setNear] = useState(false);
  const readOnly = useReadOnly();
  const aimed = useCanvasUi((ui) => ui.ghost?.edge === id);
  const count = useExitCount(source, exit);
  const hover = { onMouseEnter: () => setNear(true), onMouseLeave: () => setNear(false) };
  return (
    <>
      <g
        className="line"
        data-sense={data?.sense}
        data-aimed={aimed || undefined}
        data-selected={selected || undefined}
        data-near={near || undefined}
        {...hover}
      >
        <BaseEdge id={id} path={path} markerEnd={props.markerEnd} interactionWidth={44} />
        <Dots path={path} edge={exitKey(source, exit)} />
      </g>
      <EdgeLabelRenderer>
        <div
          className="line-middle nopan"
          data-near={near || selected || undefined}
          style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          {...hover}
        >
          {count > 0 && <EdgeCount node={source} exit={exit} count={count} />}
          {!readOnly && <Plus from={source} exit={exit} label={data?.label ?? exit} quiet />}
        </div>
      </EdgeLabelRenderer>
    </>
  );
});

function EdgeCount({ node, exit, count }: { node: string; exit: string; count: number }) {
  const { t } = useTranslation("canvas");
  const { compact, number } = useFormat();
  const words = t("counts.passed", { n: number(count) });
  return (
    <span className="line-count" data-testid={testIds.countEdge(node, exit)} data-count={count} title={words}>
      {compact(count)}
    </span>
  );
}

/** Dots run once for each burst of customers; none when the system asks for no motion. */
function Dots({ path, edge }: { path: string; edge: string }) {
  const burst = useBurst(edge);
  const still = useStill();
  if (!burst || still) return null;
  return (
    <g key={burst.number} className="line-dots" aria-hidden>
      {Array.from({ length: dots(burst.count) }, (_, index) => (
        <circle key={index} r={4} style={{ offsetPath: `path("${path}")`, animationDelay: `${index * 180}ms` }} />
      ))}
    </g>
  );
}
