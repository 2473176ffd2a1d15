/** What the canvas asks the engine, and the answers' shapes. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post, put } from "@/api/client";
import type { JourneyStatus, Listed } from "@/api/types";
import type { Catalog, Counts, Graph, Problem, Text } from "./types";

export type DraftAnswer = { graph: Graph; revision: number; updated_at: string; problems: Problem[] };
export type VersionLine = { number: number; published_at: string; published_by: string | { name: string } | null };
export type Journey = {
  id: string;
  name: string;
  status: JourneyStatus;
  draft: DraftAnswer;
  live_version: number | null;
  versions: VersionLine[];
};
export type EnrollmentRow = {
  id: string;
  customer: { id: string; label: string };
  status: string;
  node: string | null;
  entered_at: string;
  wake_at: string | null;
  ended_at: string | null;
  end_reason: unknown;
};
export type Playbook = { id: string; title: Text; graph: Graph };

export const useCatalogQuery = () =>
  useQuery({
    queryKey: ["catalog"],
    queryFn: ({ signal }) => get<Catalog>("/catalog", {}, signal),
    staleTime: Infinity,
  });

export const useVersion = (id: string, number: number | null) =>
  useQuery({
    queryKey: ["journeys", id, "versions", number],
    queryFn: ({ signal }) => get<{ number: number; graph: Graph }>(`/journeys/${id}/versions/${number}`, {}, signal),
    enabled: number !== null,
    staleTime: Infinity,
  });

export const fetchCounts = (id: string, version: number | null) => get<Counts>(`/journeys/${id}/counts`, { version });

export const useEnrollments = (id: string, filters: { node?: string; status?: string } | null) =>
  useQuery({
    queryKey: ["journeys", id, "enrollments", filters],
    queryFn: ({ signal }) =>
      get<Listed<EnrollmentRow>>(`/journeys/${id}/enrollments`, { ...filters, limit: 100 }, signal),
    enabled: filters !== null,
    refetchInterval: 5_000,
  });

/** Names to complete while typing; an engine that has seen nothing yet offers nothing. */
export const useEventNames = () =>
  useQuery({
    queryKey: ["event-names"],
    queryFn: ({ signal }) =>
      get<{ items: { name: string; count: number; properties: string[] }[] }>("/event-names", {}, signal),
    staleTime: 30_000,
  });

export const useAttributes = () =>
  useQuery({
    queryKey: ["attributes"],
    queryFn: ({ signal }) => get<{ items: { name: string; examples: unknown[] }[] }>("/attributes", {}, signal),
    staleTime: 30_000,
  });

/** Templates to start from, asked for when the marketer wants to see them. */
export const usePlaybooks = (wanted: boolean) =>
  useQuery({
    queryKey: ["playbooks"],
    queryFn: ({ signal }) => get<{ items: Playbook[] } | Playbook[]>("/playbooks", {}, signal),
    select: (answer) => (Array.isArray(answer) ? answer : answer.items),
    enabled: wanted,
    retry: false,
    staleTime: Infinity,
  });

export const saveDraft = (id: string, draft: { revision: number; graph: Graph; name: string }) =>
  put<{ revision: number; problems: Problem[] }>(`/journeys/${id}/draft`, draft);

export type Switch = "pause" | "resume" | "stop";

/** Pause and stop: each changes what the journeys list and this page say. */
export function useSwitch(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ act }: { act: "pause" | "stop" }) => post<{ status: JourneyStatus }>(`/journeys/${id}/${act}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["journeys"] }),
  });
}
