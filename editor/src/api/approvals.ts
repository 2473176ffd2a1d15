/** What waits for a person's word, and giving that word. */
import { post } from "./client";
import { useChange, usePaged } from "./queries";

export type Approval = {
  enrollment_id: string;
  node: string;
  title: string;
  text: string;
  journey: { id: string; name: string };
  customer: { id: string; label: string };
  since: string;
  until: string | null;
  event: { name: string; properties: Record<string, unknown> };
  variables: Record<string, unknown>;
};
export type Verdict = "release" | "refuse";

export const useApprovals = () => usePaged<Approval>("/approvals", {}, 5_000);
export const useDecide = () =>
  useChange(
    ({ id, ...given }: { id: string; verdict: Verdict; note: string }) => post(`/approvals/${id}`, given),
    ["approvals"],
  );
