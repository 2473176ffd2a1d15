/** The panel's width: dragged or moved by arrow keys, remembered by this browser. */
import { useState, type KeyboardEvent, type PointerEvent } from "react";

const KEY = "journey.panel";
export const NARROW = 320;
export const WIDE = 720;
const USUAL = 400;
const STEP = 24;

const within = (width: number) => Math.round(Math.min(WIDE, Math.max(NARROW, width)));

function remembered(): number {
  const kept = Number(localStorage.getItem(KEY));
  return kept ? within(kept) : USUAL;
}

export function useWidth() {
  const [width, setWidth] = useState(remembered);
  const resize = (wish: number) => {
    const next = within(wish);
    setWidth(next);
    localStorage.setItem(KEY, String(next));
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    const grip = event.currentTarget;
    const from = event.clientX;
    grip.setPointerCapture(event.pointerId);
    grip.onpointermove = (moved) => resize(width + from - moved.clientX);
    grip.onpointerup = () => (grip.onpointermove = null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") resize(width + STEP);
    else if (event.key === "ArrowRight") resize(width - STEP);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const grip = {
    tabIndex: 0,
    "aria-valuenow": width,
    "aria-valuemin": NARROW,
    "aria-valuemax": WIDE,
    onPointerDown,
    onKeyDown,
  };
  return { width, grip };
}
