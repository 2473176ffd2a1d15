/** Pools of coupon codes: how many are left, and putting more into one. */
import { useQuery } from "@tanstack/react-query";
import { get, post } from "./client";
import { useChange, usePaged } from "./queries";
import type { Listed } from "./types";

export type CouponPool = {
  id: string;
  name: string;
  total: number;
  granted: number;
  left: number;
  expires_at: string | null;
};
export type AddedCodes = { added: number; duplicates?: number; refused?: number };

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

export const useCreatePool = () =>
  useChange(
    (given: { name: string; expires_at: string | null }) => post<CouponPool>("/coupon-pools", given),
    ["coupon-pools"],
  );
export const useAddCodes = () =>
  useChange(
    ({ id, codes }: { id: string; codes: string[] }) => post<AddedCodes>(`/coupon-pools/${id}/codes`, { codes }),
    ["coupon-pools"],
  );
