/** Pools of coupon codes: how many are left, and putting more into one. */
import { useQuery } from "@tanstack/react-query";
import { get, patch, post, upload } from "./client";
import { useChange, usePaged } from "./queries";
import type { Listed } from "./types";

export type CouponPool = {
  id: string;
  name: string;
  total: number;
  granted: number;
  left: number;
  low: boolean;
  low_at: number;
  expires_at: string | null;
  created_at: string;
  used_by: { journey_id: string; name: string }[];
};
export type AddedCodes = { added: number; duplicates: number; refused: { line: number; code: string }[] };

export const useCouponPools = () => usePaged<CouponPool>("/coupon-pools", {}, 10_000);

/** All pools at once, to choose from and to say their names. */
export const usePoolNames = (wanted = true) =>
  useQuery({
    queryKey: ["coupon-pools", "names"],
    queryFn: ({ signal }) => get<Listed<CouponPool>>("/coupon-pools", { limit: 200 }, signal),
    enabled: wanted,
    retry: false,
    staleTime: 30_000,
  });

export type PoolDraft = { name: string; expires_at: string | null; low_at: number };
export const useCreatePool = () =>
  useChange((given: PoolDraft) => post<CouponPool>("/coupon-pools", given), ["coupon-pools"]);
export const useChangePool = () =>
  useChange(
    ({ id, ...given }: PoolDraft & { id: string }) => patch<CouponPool>(`/coupon-pools/${id}`, given),
    ["coupon-pools"],
  );
export const useAddCodes = () =>
  useChange(
    ({ id, codes }: { id: string; codes: Blob }) => upload<AddedCodes>(`/coupon-pools/${id}/codes`, codes, "text/csv"),
    ["coupon-pools"],
  );
