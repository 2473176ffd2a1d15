/** Versions of a journey: what publishing changes and for whom, publishing, going back, and resuming after a pause. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Text } from "@/app/i18n";
import type { Problem } from "@/journey/types";
import { get, post } from "./client";
import type { JourneyStatus } from "./types";

type Named = { node: string; kind: string; title: Text; sentence: Text };
export type SettingChange = { name: string; title: Text; before: Text; after: Text };
export type Change = { node: string | null; title: Text; before: Text | null; after: Text | null };
export type Diff = {
  added: Named[];
  removed: Named[];
  changed: (Named & { settings: SettingChange[] })[];
  rewired: (Named & { exit: string; before: Text; after: Text })[];
  timing: Change[];
  audience: Change[];
};
export type Standing = {
  version: number;
  node: string | null;
  kind: string | null;
  title: Text | null;
  sentence: Text | null;
  deleted: boolean;
  waiting: number;
  armed: number;
};
export type Preview = { diff: Diff; standing: Standing[]; problems: Problem[] };
export type Policy = "finish" | "move" | "exit";
export type Handover = { standing: Policy; targets: Record<string, string | null> };
export type PauseState = { due: number; fresh: number; oldest_due_at: string | null; parked_events: number };
export type Lateness = { late: "now" | "fresh" | "skip"; spread_minutes: number; fresh_minutes: number };

/** What publishing the draft would change, or an older version when one is named; always asked anew. */
export const usePreview = (id: string, version: number | null) =>
  useQuery({
    queryKey: ["journeys", id, "publish-preview", version],
    queryFn: ({ signal }) => get<Preview>(`/journeys/${id}/publish-preview`, { version }, signal),
    gcTime: 0,
    staleTime: 0,
  });

export const usePauseState = (id: string, freshMinutes: number) =>
  useQuery({
    queryKey: ["journeys", id, "pause-state", freshMinutes],
    queryFn: ({ signal }) => get<PauseState>(`/journeys/${id}/pause-state`, { fresh_minutes: freshMinutes }, signal),
    placeholderData: (before) => before,
    gcTime: 0,
  });

/** Publishes this revision of the draft, or an older version again. */
export function usePublish(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (given: ({ revision: number } | { version: number }) & Handover) =>
      post<{ version: number; status: JourneyStatus }>(
        `/journeys/${id}/${"version" in given ? "rollback" : "publish"}`,
        given,
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["journeys"] }),
  });
}

export function useResume(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (given: Lateness) => post<{ status: JourneyStatus }>(`/journeys/${id}/resume`, given),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["journeys"] }),
  });
}
