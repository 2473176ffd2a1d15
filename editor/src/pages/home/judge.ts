/** One word for the state of the engine. The limits are what an operator notices, not what a machine can measure. */
import type { Overview } from "@/api/types";

const NOTICED_S = 10;

export type Verdict = "well" | "behind" | "cannotSend" | "noWorkers";

export function judge(health: Overview["health"]): Verdict {
  if (health.workers === 0) return "noWorkers";
  if (!health.lanes.every(sends)) return "cannotSend";
  const lags = [health.oldest_inbox_s, health.wake_lag_s, ...health.lanes.map((lane) => lane.oldest_s)];
  return lags.some((lag) => (lag ?? 0) > NOTICED_S) ? "behind" : "well";
}

/** Whether messages of this lane leave: its account is not stopped and its provider within reach. */
export function sends(lane: Overview["health"]["lanes"][number]): boolean {
  return !lane.state || lane.state === "open";
}
