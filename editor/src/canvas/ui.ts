/** What is open or under the hand on the canvas right now; none of it is part of the journey or of its history. */
import { create } from "zustand";
import type { AddPlace } from "@/journey/store";
import type { Kind, Point } from "@/journey/types";

export type Menu = { place: AddPlace; x: number; y: number };
/** A kind on its way from the palette: where it would stand, or which edge it would go into. */
export type Ghost = { at: Point; edge: string | null };

type CanvasUi = {
  menu: Menu | null;
  dragged: Kind | null;
  ghost: Ghost | null;
  edge: string | null;
  people: { node: string; status?: string } | null;
  shortcuts: boolean;
  journeySettings: boolean;
  palette: boolean;
  minimap: boolean;
  openMenu: (menu: Menu) => void;
  closeMenu: () => void;
  set: (change: Partial<Omit<CanvasUi, "set" | "openMenu" | "closeMenu">>) => void;
};

export const useCanvasUi = create<CanvasUi>((set) => ({
  menu: null,
  dragged: null,
  ghost: null,
  edge: null,
  people: null,
  shortcuts: false,
  journeySettings: false,
  palette: true,
  minimap: true,
  openMenu: (menu) => set({ menu }),
  closeMenu: () => set({ menu: null }),
  set: (change) => set(change),
}));
