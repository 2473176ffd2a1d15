/** The one card for every kind of node: tile, title, what it does as a sentence, its exits, counts and problems. */
import { Handle, Position, useUpdateNodeInternals, type Node, type NodeProps } from "@xyflow/react";
import { memo, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/app/i18n";
import { exitsOnCard, kindOf } from "@/journey/catalog";
import { useKnownNames } from "@/journey/names";
import { useNodeProblems } from "@/journey/problems";
import { sentence } from "@/journey/sentences";
import { graphOf, useCatalog, useEditor, useReadOnly } from "@/journey/store";
import { testIds } from "@/journey/testids";
import type { GraphNode } from "@/journey/types";
import { problemText } from "@/journey/validation";
import { say } from "@/journey/words";
import { Exits } from "./Exits";
import { IconTile } from "./icons";
import { Pills } from "./Pills";
import "./faces.css";

export type CardNode = Node<{ node: GraphNode }, "card">;

export const NodeCard = memo(function NodeCard({ id, data, selected }: NodeProps<CardNode>) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const { node } = data;
  const kind = kindOf(catalog, node.kind);
  const exits = useMemo(() => exitsOnCard(catalog, node), [catalog, node]);
  const wired = useWiredExits(id);
  const readOnly = useReadOnly();
  const names = useKnownNames();
  const words = kind ? sentence(catalog, kind, node.settings, language, names) : t("card.unknown");
  const title = kind ? say(kind.title, language) : node.kind;
  useFreshHandles(id, exits.map((exit) => exit.id).join(" "));
  return (
    <div
      className="node-card"
      data-testid={testIds.node(id)}
      data-kind={node.kind}
      data-selected={selected || undefined}
      data-disabled={node.disabled || undefined}
    >
      {kind?.role !== "trigger" && <Handle id="in" type="target" position={Position.Top} aria-hidden />}
      <Pills node={id} />
      <header>
        <IconTile icon={kind?.icon ?? ""} shelf={kind?.shelf ?? ""} />
        <span className="node-title" title={title}>
          {title}
        </span>
        {node.disabled && <span className="node-off">{t("card.disabled")}</span>}
        <Badge node={id} />
      </header>
      <p className="node-sentence" title={node.note ? `${words}\n\n${node.note}` : words}>
        {words}
      </p>
      <Exits node={id} exits={exits} wired={wired} readOnly={readOnly} />
    </div>
  );
});

function Badge({ node }: { node: string }) {
  const language = useLanguage();
  const problems = useNodeProblems(node);
  if (problems.length === 0) return null;
  const worst = problems.some((one) => one.severity === "error") ? "error" : "warning";
  const words = problems.map((one) => problemText(one, language)).join("\n");
  return (
    <span
      className="node-badge"
      data-severity={worst}
      data-testid={testIds.problem(node)}
      title={words}
      role="img"
      aria-label={words}
    >
      !
    </span>
  );
}

/** The exits that lead somewhere, as one text: a card is drawn again only when that changes. */
const useWiredExits = (id: string): string =>
  useEditor((state) =>
    graphOf(state)
      .edges.filter((edge) => edge.from === id)
      .map((edge) => edge.exit)
      .join("\n"),
  );

/**
 * Edges begin at measured handles: tell the canvas when a card's exits are others than before. Not at the first
 * drawing, which is measured anyway – telling it one card at a time would fit the view to the first card only.
 */
function useFreshHandles(id: string, exits: string): void {
  const update = useUpdateNodeInternals();
  const measured = useRef(exits);
  useEffect(() => {
    if (measured.current === exits) return;
    measured.current = exits;
    update(id);
  }, [update, id, exits]);
}
