/** Segments: what pages ask the engine about them, and trying a rule before it is kept. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get, patch, post, remove, request } from "./client";
import { useChange, usePaged } from "./queries";
import type { CustomerRow, Listed } from "./types";
import type { Text } from "@/app/i18n";

export type User = { journey_id?: string; segment_id?: string; name: string };
export type Segment = {
  id: string;
  name: string;
  rule: unknown;
  sentence: Text;
  size: number;
  state: "computing" | "live";
  updated_at: string;
  used_by: User[];
};
export type Growth = { day: string; joined: number; left: number; size: number };
export type RuleFault = { path?: (string | number)[]; message: Text };
/** `about`: there are so many customers that a sample was asked. */
export type Preview = {
  sentence: Text | null;
  size: number | null;
  about?: boolean;
  sample: CustomerRow[];
  problems: RuleFault[];
};
export type Judged = { held: boolean; leaves: { leaf: Record<string, unknown>; read: unknown; held: boolean }[] };

export const useSegments = () => usePaged<Segment>("/segments", {}, 5_000);

/** All segments at once, to choose from and to say their names. */
export const useSegmentNames = (wanted = true) =>
  useQuery({
    queryKey: ["segments", "names"],
    queryFn: ({ signal }) => get<Listed<Segment>>("/segments", { limit: 200 }, signal),
    enabled: wanted,
    retry: false,
    staleTime: 30_000,
  });

export const useSegment = (id: string | undefined) =>
  useQuery({
    queryKey: ["segments", "one", id],
    queryFn: ({ signal }) => get<Segment>(`/segments/${id}`, {}, signal),
    enabled: Boolean(id),
    refetchInterval: (query) => (query.state.data?.state === "computing" ? 1_000 : 5_000),
  });

export const useMembers = (id: string) => usePaged<CustomerRow>(`/segments/${id}/members`, {}, 10_000);

export const useGrowth = (id: string, days: number) =>
  useQuery({
    queryKey: ["segments", "growth", id, days],
    queryFn: ({ signal }) => get<Growth[] | { items: Growth[] }>(`/segments/${id}/growth`, { days }, signal),
    select: (answer) => (Array.isArray(answer) ? answer : answer.items),
    refetchInterval: 30_000,
  });

type Draft = { name: string; rule: unknown };
export const useCreateSegment = () => useChange((given: Draft) => post<Segment>("/segments", given), ["segments"]);
export const useChangeSegment = () =>
  useChange(
    ({ id, ...given }: Partial<Draft> & { id: string }) => patch<Segment>(`/segments/${id}`, given),
    ["segments"],
  );
export const useDeleteSegment = () => useChange((id: string) => remove(`/segments/${id}`), []);

/** How many customers a rule holds for, with a few of them; the last answer stays while a new one is on its way. */
export const usePreview = (rule: unknown) =>
  useQuery({
    queryKey: ["rules", "preview", rule],
    queryFn: ({ signal }) => request<Preview>("POST", "/rules/preview", { rule }, signal),
    enabled: rule !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
  });

export const judgeRule = (rule: unknown, customer_id: string) => post<Judged>("/rules/judge", { rule, customer_id });
