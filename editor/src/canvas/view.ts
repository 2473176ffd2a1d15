/** Moving the view: what is in sight, and how to bring a card into it. */
import type { Point } from "@/journey/types";

const SELECTOR = ".canvas";

export function canvasBox(): DOMRect {
  return document.querySelector(SELECTOR)?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight);
}

export function middleOfCanvas(): Point {
  const box = canvasBox();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

type Box = { x: number; y: number; width: number; height: number };

/** How far the view must move so that a card is wholly inside with a margin; nothing when it is. */
export function wayIntoView(card: Box, view: { width: number; height: number }, margin: number): Point {
  return {
    x: along(card.x, card.width, view.width, margin),
    y: along(card.y, card.height, view.height, margin),
  };
}

function along(start: number, size: number, room: number, margin: number): number {
  if (start < margin) return margin - start;
  const over = start + size + margin - room;
  return over > 0 ? -Math.min(over, start - margin) : 0;
}
