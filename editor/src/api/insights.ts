/** What came of a journey and why: goals beside the holdout, experiments arm by arm, one customer's chain of decisions. */
import { useQuery } from "@tanstack/react-query";
import { get } from "./client";
import type { Text } from "@/app/i18n";

export type Group = {
  conversions: number;
  rate: number | null;
  rate_interval: [number, number] | null;
  value: string | null;
  currency: string | null;
  values: { currency: string; value: string }[];
};
/** Compared with another group; `interval` is that of the difference of the two rates. */
export type Compared = {
  lift: number | null;
  difference: number | null;
  interval: [number, number] | null;
  p: number | null;
};
export type GoalReport = Group &
  Compared & {
    id: string;
    name: string;
    event: string;
    entered: number;
    holdout: (Group & { entered: number }) | null;
    messages: (Group & { node: string; kind: string })[];
  };
export type Arm = Group & Compared & { id: string; name: string; weight: number; control: boolean; n: number };
export type Experiment = {
  node: string;
  goal: { id: string; name: string };
  arms: Arm[];
  ratio: { p: number | null; ok: boolean };
};

export const useGoals = (journey: string, version: number | null, wanted: boolean) =>
  useQuery({
    queryKey: ["journeys", journey, "goals", version],
    queryFn: ({ signal }) => get<{ items: GoalReport[] }>(`/journeys/${journey}/goals`, { version }, signal),
    enabled: wanted,
    refetchInterval: 10_000,
  });

export const useExperiments = (journey: string, wanted: boolean) =>
  useQuery({
    queryKey: ["journeys", journey, "experiments"],
    queryFn: ({ signal }) => get<{ items: Experiment[] }>(`/journeys/${journey}/experiments`, {}, signal),
    enabled: wanted,
    refetchInterval: 10_000,
  });

export type Why = {
  answer: string;
  sentence: Text;
  steps: { at: string | null; kind: string; sentence: Text; node: string | null }[];
};

export const useWhy = (customer: string, journey: string, node: string) =>
  useQuery({
    queryKey: ["customers", customer, "why", journey, node],
    queryFn: ({ signal }) => get<Why>(`/customers/${customer}/why`, { journey, node }, signal),
    enabled: Boolean(journey),
    refetchInterval: 10_000,
  });
