/** The canvas: cards and edges of the journey on show, with every gesture the mouse can make. */
import { Background, BackgroundVariant, MiniMap, ReactFlow, type IsValidConnection } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useTranslation } from "react-i18next";
import { useMode } from "@/app/look";
import { shelfColors } from "@/app/theme";
import { NodeCard, type CardNode } from "@/faces/NodeCard";
import { kindOf } from "@/journey/catalog";
import { GRID } from "@/journey/layout";
import { useCatalog, useGraph, useReadOnly } from "@/journey/store";
import { AddMenu } from "./AddMenu";
import { EdgeLine, type Line } from "./EdgeLine";
import { EmptyCanvas } from "./EmptyCanvas";
import { GhostCard } from "./GhostCard";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { Tools } from "./Tools";
import { useFlow } from "./useFlow";
import { useKeepInView } from "./useKeepInView";
import { useKeyboard } from "./useKeyboard";
import { usePaletteDrop } from "./usePaletteDrop";
import { useCanvasUi } from "./ui";
import { showFirst } from "./view";
import "./canvas.css";

const nodeTypes = { card: NodeCard };
const edgeTypes = { line: EdgeLine };
const notItself: IsValidConnection<Line> = (made) => made.source !== made.target;
const snapGrid: [number, number] = [GRID, GRID];

export function Canvas() {
  const { t } = useTranslation("canvas");
  const mode = useMode();
  const readOnly = useReadOnly();
  const empty = useGraph().nodes.length === 0;
  const minimap = useCanvasUi((ui) => ui.minimap);
  const { onPaneDoubleClick, ...flow } = useFlow();
  const drop = usePaletteDrop();
  useKeyboard();
  useKeepInView();
  return (
    <section className="canvas" aria-label={t("canvas.label")} {...(readOnly ? {} : drop)}>
      <ReactFlow<CardNode, Line>
        {...flow}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        colorMode={mode}
        onInit={(flow) => requestAnimationFrame(() => void showFirst(flow))}
        minZoom={0.1}
        maxZoom={2}
        snapToGrid
        snapGrid={snapGrid}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        isValidConnection={notItself}
        connectionRadius={48}
        nodeDragThreshold={3}
        deleteKeyCode={null}
        multiSelectionKeyCode={["Shift", "Meta", "Control"]}
        selectNodesOnDrag={false}
        disableKeyboardA11y
        zoomOnDoubleClick={false}
        onPaneClick={(event) => !readOnly && event.detail === 2 && onPaneDoubleClick(event)}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} color="var(--line)" bgColor="var(--ground)" />
        <GhostCard />
        <Tools />
        {minimap && !empty && <Overview />}
      </ReactFlow>
      {empty && !readOnly && <EmptyCanvas />}
      <AddMenu />
      <ShortcutsDialog />
    </section>
  );
}

function Overview() {
  const { t } = useTranslation("canvas");
  const catalog = useCatalog();
  const color = (card: CardNode) => shelfColors(kindOf(catalog, card.data.node.kind)?.shelf ?? "").ink;
  return (
    <MiniMap<CardNode>
      position="bottom-right"
      pannable
      zoomable
      ariaLabel={t("tools.minimap")}
      nodeColor={color}
      nodeBorderRadius={24}
      maskColor="color-mix(in srgb, var(--ground) 70%, transparent)"
      style={{ width: 148, height: 104 }}
    />
  );
}
