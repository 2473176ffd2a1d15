/** The counts on show, and which edges customers are passing right now. */
import { create } from "zustand";
import type { Counts } from "@/journey/types";
import { passed } from "./flow";

/** A burst of customers over one edge; each has its own number, so that the next starts new dots. */
export type Burst = { number: number; count: number };

type LiveStore = {
  counts: Counts | null;
  bursts: Record<string, Burst>;
  take: (counts: Counts) => void;
  forget: () => void;
};

export const useLive = create<LiveStore>((set) => ({
  counts: null,
  bursts: {},
  take: (counts) =>
    set((state) => {
      const bursts = { ...state.bursts };
      for (const [key, count] of Object.entries(passed(state.counts, counts))) {
        bursts[key] = { number: (bursts[key]?.number ?? 0) + 1, count };
      }
      return { counts, bursts };
    }),
  forget: () => set({ counts: null, bursts: {} }),
}));

export const useNodeCounts = (id: string) => useLive((state) => state.counts?.nodes[id]);
export const useExitCount = (node: string, exit: string) =>
  useLive((state) => state.counts?.nodes[node]?.exits?.[exit] ?? 0);
export const useBurst = (key: string) => useLive((state) => state.bursts[key]);
