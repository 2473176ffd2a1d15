/** A journey's graph as a small picture: a mark per node in its shelf's colour, a line per edge. */
import { useTranslation } from "react-i18next";
import { shelfColors } from "@/app/theme";
import type { GraphPicture } from "@/api/types";

type Props = {
  graph: GraphPicture | null | undefined;
  shelfOf: (kind: string) => string;
  width?: number;
  height?: number;
};
type Placed = { id: string; kind: string; x: number; y: number };

export function Thumbnail({ graph, shelfOf, width = 96, height = 60 }: Props) {
  const { t } = useTranslation("words");
  const nodes = fit(graph, width, height);
  if (nodes.length === 0) return <span className="thumbnail thumbnail-empty" style={{ width, height }} aria-hidden />;
  const at = new Map(nodes.map((node) => [node.id, node]));
  return (
    <svg
      className="thumbnail"
      width={width}
      height={height}
      role="img"
      aria-label={t("picture", { count: nodes.length })}
    >
      {graph!.edges.map((edge) => {
        const from = at.get(edge.from);
        const to = at.get(edge.to);
        return from && to && <path key={`${edge.from} ${edge.exit}`} d={curve(from, to)} className="thumbnail-edge" />;
      })}
      {nodes.map((node) => (
        <rect
          key={node.id}
          x={node.x - 5}
          y={node.y - 3}
          width={10}
          height={6}
          rx={2}
          fill={shelfColors(shelfOf(node.kind)).ink}
        />
      ))}
    </svg>
  );
}

const curve = (from: Placed, to: Placed) =>
  `M${from.x} ${from.y}C${from.x} ${(from.y + to.y) / 2} ${to.x} ${(from.y + to.y) / 2} ${to.x} ${to.y}`;

/** Scales positions into the picture; both axes keep one scale unless the graph is a single line. */
function fit(graph: GraphPicture | null | undefined, width: number, height: number): Placed[] {
  const nodes = graph?.nodes ?? [];
  if (nodes.length === 0) return [];
  const xs = nodes.map((node) => node.position?.x ?? 0);
  const ys = nodes.map((node) => node.position?.y ?? 0);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [across, down] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const room = { width: width - 20, height: height - 16 };
  const sx = across ? Math.min(room.width / across, 0.2) : 0;
  const sy = down ? room.height / down : 0;
  const place = (from: number, scale: number, span: number, room: number, margin: number) =>
    margin + (room - span * scale) / 2 + from * scale;
  return nodes.map((node, i) => ({
    id: node.id,
    kind: node.kind,
    x: place(xs[i]! - left, sx, across, room.width, 10),
    y: place(ys[i]! - top, sy, down, room.height, 8),
  }));
}
