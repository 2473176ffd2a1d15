/** From two counts to what moved between them: how many customers passed each exit. */
import type { Counts } from "@/journey/types";

export const exitKey = (node: string, exit: string): string => `${node} ${exit}`;

/** How many passed each exit since the counts before; nothing when they are of another journey or version. */
export function passed(before: Counts | null, now: Counts): Record<string, number> {
  const moved: Record<string, number> = {};
  if (!before || before.journey_id !== now.journey_id || before.version !== now.version) return moved;
  for (const [node, counts] of Object.entries(now.nodes)) {
    for (const [exit, count] of Object.entries(counts.exits ?? {})) {
      const more = count - (before.nodes[node]?.exits?.[exit] ?? 0);
      if (more > 0) moved[exitKey(node, exit)] = more;
    }
  }
  return moved;
}

export const MOST_DOTS = 5;

/** A few dots stand for many customers: one for one, at most five for hundreds. */
export function dots(count: number): number {
  return Math.min(MOST_DOTS, count <= 2 ? count : 2 + Math.floor(Math.log10(count) * 2));
}
