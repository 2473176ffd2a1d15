/** Moving the view: what is in sight, and how to bring a card into it. */
import type { Node, ReactFlowInstance } from "@xyflow/react";
import { CARD } from "@/journey/layout";
import type { Point } from "@/journey/types";

/** Room around what is shown; below it stand the tools, which must cover no "+". */
export const ROOM = { top: 40, right: 32, bottom: 84, left: 32 };
const px = (room: number): `${number}px` => `${room}px`;
export const FIT = {
  padding: { top: px(ROOM.top), right: px(ROOM.right), bottom: px(ROOM.bottom), left: px(ROOM.left) },
  maxZoom: 1,
};

/** Below this the words on a card cannot be read, and a journey is shown from its beginning instead of whole. */
const LEGIBLE = 0.7;
const BEGINNING = 0.85;

type Flow<Card extends Node> = Pick<ReactFlowInstance<Card>, "fitView" | "getZoom" | "getNodes" | "setViewport">;

/** What is seen first of a journey: all of it when it can be read so, else its uppermost card and what follows. */
export async function showFirst<Card extends Node>(flow: Flow<Card>): Promise<void> {
  await flow.fitView(FIT);
  const first = flow.getNodes().reduce<Node | null>((top, node) => (top && above(top, node) ? top : node), null);
  if (!first || flow.getZoom() >= LEGIBLE) return;
  const middle = first.position.x + (first.measured?.width ?? CARD.width) / 2;
  await flow.setViewport({
    x: canvasBox().width / 2 - middle * BEGINNING,
    y: ROOM.top - first.position.y * BEGINNING,
    zoom: BEGINNING,
  });
}

const above = (one: Node, other: Node) => one.position.y <= other.position.y;

const SELECTOR = ".canvas";

export function canvasBox(): DOMRect {
  return document.querySelector(SELECTOR)?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight);
}

export function middleOfCanvas(): Point {
  const box = canvasBox();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

type Box = { x: number; y: number; width: number; height: number };

/** How far the view must move so that a card is wholly inside with room around it; nothing when it is. */
export function wayIntoView(card: Box, view: { width: number; height: number }): Point {
  return {
    x: along(card.x, card.width, view.width, ROOM.left, ROOM.right),
    y: along(card.y, card.height, view.height, ROOM.top, ROOM.bottom),
  };
}

function along(start: number, size: number, room: number, before: number, after: number): number {
  if (start < before) return before - start;
  const over = start + size + after - room;
  return over > 0 ? -Math.min(over, start - before) : 0;
}
