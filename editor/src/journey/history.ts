/**
 * Undo and redo: the graphs before and after now, at most 200 of them.
 *
 * Changes with the same `group` shortly after one another (typing in one setting, nudging a card) are one entry.
 */
export type History<T> = { past: T[]; now: T; future: T[]; group: string | null; at: number };

export const STEPS_KEPT = 200;
export const GROUP_PAUSE_MS = 1500;

export function begin<T>(now: T): History<T> {
  return { past: [], now, future: [], group: null, at: 0 };
}

export function record<T>(history: History<T>, next: T, at: number, group: string | null = null): History<T> {
  if (next === history.now) return history;
  const goesOn = group !== null && group === history.group && at - history.at < GROUP_PAUSE_MS;
  const past = goesOn ? history.past : [...history.past, history.now].slice(-STEPS_KEPT);
  return { past, now: next, future: [], group, at };
}

export function undo<T>(history: History<T>): History<T> {
  if (history.past.length === 0) return history;
  const now = history.past[history.past.length - 1]!;
  return { past: history.past.slice(0, -1), now, future: [history.now, ...history.future], group: null, at: 0 };
}

export function redo<T>(history: History<T>): History<T> {
  const [now, ...future] = history.future;
  if (now === undefined) return history;
  return { past: [...history.past, history.now], now, future, group: null, at: 0 };
}

export const canUndo = <T>(history: History<T>): boolean => history.past.length > 0;
export const canRedo = <T>(history: History<T>): boolean => history.future.length > 0;
