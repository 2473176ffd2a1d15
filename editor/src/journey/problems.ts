/** The problems on show now: the server's for a saved draft, our own marks while it is being changed. */
import { useMemo } from "react";
import { useEditor } from "./store";
import type { Problem } from "./types";
import { merge } from "./validation";

export function useProblems(): Problem[] {
  const local = useEditor((state) => state.localProblems);
  const server = useEditor((state) => state.serverProblems);
  const read = useEditor((state) => state.serverGraph);
  const now = useEditor((state) => state.history.now);
  const shown = useEditor((state) => state.shown);
  return useMemo(() => (shown ? [] : merge(local, server, read, now)), [local, server, read, now, shown]);
}

export function useNodeProblems(id: string): Problem[] {
  const problems = useProblems();
  return useMemo(() => problems.filter((one) => one.nodes.includes(id)), [problems, id]);
}
