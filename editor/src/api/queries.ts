/** What pages ask the engine and how often: one hook per question, one per change. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, patch, post, remove } from "./client";
import type {
  Account,
  ApiKey,
  CatalogPage,
  Customer,
  CustomerRow,
  EventRow,
  HistoryItem,
  JourneyRow,
  Listed,
  Me,
  Message,
  MessageRow,
  Overview,
  SandboxInbox,
} from "./types";

/** Nobody signed in is an answer here (null), not a failure. */
export const useMe = () =>
  useQuery({
    queryKey: ["me"],
    queryFn: async ({ signal }) => {
      const me = await get<Me | { operator: null }>("/me", {}, signal);
      return me.operator ? me : null;
    },
    staleTime: 60_000,
  });

export const useOverview = () =>
  useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => get<Overview>("/overview", {}, signal),
    refetchInterval: 5_000,
  });

export const useCatalogPage = () =>
  useQuery({
    queryKey: ["catalog"],
    queryFn: ({ signal }) => get<CatalogPage>("/catalog", {}, signal),
    staleTime: Infinity,
  });

export const useJourneys = () =>
  useQuery({
    queryKey: ["journeys"],
    queryFn: ({ signal }) => get<{ items: JourneyRow[] }>("/journeys", { limit: 200 }, signal),
    refetchInterval: 5_000,
  });

export const useCustomer = (id: string) =>
  useQuery({
    queryKey: ["customers", id],
    queryFn: ({ signal }) => get<Customer>(`/customers/${id}`, {}, signal),
    refetchInterval: 10_000,
  });

export const useMessage = (id: string | undefined) =>
  useQuery({
    queryKey: ["messages", "one", id],
    queryFn: ({ signal }) => get<Message>(`/messages/${id}`, {}, signal),
    enabled: Boolean(id),
    refetchInterval: 5_000,
  });

export const useEvent = (id: string | undefined) =>
  useQuery({
    queryKey: ["events", "one", id],
    queryFn: ({ signal }) => get<EventRow>(`/events/${id}`, {}, signal),
    enabled: Boolean(id),
  });

export const useEventNames = () =>
  useQuery({
    queryKey: ["event-names"],
    queryFn: ({ signal }) =>
      get<{ items: { name: string; count: number; last_at: string; properties: string[] }[] }>(
        "/event-names",
        {},
        signal,
      ),
    staleTime: 30_000,
  });

export const useSandboxInbox = () =>
  useQuery({
    queryKey: ["sandbox"],
    queryFn: ({ signal }) => get<SandboxInbox>("/sandbox/inbox", { limit: 100 }, signal),
    refetchInterval: 2_000,
  });

export const useApiKeys = () =>
  useQuery({ queryKey: ["api-keys"], queryFn: ({ signal }) => get<{ items: ApiKey[] }>("/api-keys", {}, signal) });

export const useAccounts = () =>
  useQuery({ queryKey: ["accounts"], queryFn: ({ signal }) => get<{ items: Account[] }>("/accounts", {}, signal) });

export type Filters = Record<string, string | undefined>;

/** A list read page by page; the first pages are refreshed while they are looked at. */
export function usePaged<T>(path: string, filters: Filters, refetchInterval: number | false = false) {
  return useInfiniteQuery({
    queryKey: [path.slice(1), "list", filters],
    queryFn: ({ pageParam, signal }) => get<Listed<T>>(path, { ...filters, limit: 50, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: keepPreviousData,
    refetchInterval,
  });
}

export const useCustomers = (filters: Filters) => usePaged<CustomerRow>("/customers", filters);
export const useMessages = (filters: Filters) => usePaged<MessageRow>("/messages", filters, 5_000);
export const useEvents = (filters: Filters) => usePaged<EventRow>("/events", filters, 5_000);
export const useHistory = (customerId: string) => usePaged<HistoryItem>(`/customers/${customerId}/history`, {}, 10_000);

/** A change that refreshes what it touched when the engine has answered. */
export function useChange<A, R>(act: (argument: A) => Promise<R>, touches: string[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => Promise.all(touches.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useLogin = () => useChange((given: { email: string; password: string }) => post("/login", given), ["me"]);
export const useChangeMe = () =>
  useChange((given: { language?: string; name?: string }) => patch("/me", given), ["me"]);
export const useCreateJourney = () =>
  useChange((given: { name: string; graph?: unknown }) => post<{ id: string }>("/journeys", given), ["journeys"]);
export const useDeleteJourney = () => useChange((id: string) => remove(`/journeys/${id}`), ["journeys"]);
export const useSwitchJourney = () =>
  useChange(
    (given: { id: string; act: "pause" | "resume" | "stop" | "archive" }) => post(`/journeys/${given.id}/${given.act}`),
    ["journeys", "overview"],
  );
export const useUnsubscribe = () =>
  useChange(
    (given: { id: string; channel: string }) => post(`/customers/${given.id}/unsubscribe`, { channel: given.channel }),
    ["customers"],
  );
/** The erased customer itself is not asked for again: it is gone. */
export const useErase = () => useChange((id: string) => remove(`/customers/${id}`), []);
export const useCreateKey = () =>
  useChange((given: { name: string; scope: string }) => post<ApiKey>("/api-keys", given), ["api-keys"]);
export const useRevokeKey = () => useChange((id: string) => remove(`/api-keys/${id}`), ["api-keys"]);
/** Tries again what was set aside. */
export const useRetry = (kind: "events" | "messages" | "enrollments") =>
  useChange((id: string) => post(`/${kind}/${id}/retry`, {}), [kind, "journeys", "overview"]);
export const useOpenAccount = () => useChange((id: string) => post<Account>(`/accounts/${id}/open`, {}), ["accounts"]);
export const useSetFaults = () =>
  useChange((given: Record<string, unknown>) => post("/sandbox/faults", given), ["sandbox"]);
