/** Asking that a customer enters a journey now. */
import { post } from "./client";
import { useChange } from "./queries";

export type Entry = {
  journey: string;
  customer: Record<string, string>;
  properties: Record<string, unknown>;
  message_id: string;
};

export const useEnter = () =>
  useChange(({ journey, ...entry }: Entry) => post(`/journeys/${journey}/entries`, entry), ["customers", "journeys"]);
