/** What the editor has already asked the engine; a refusal is not asked again, a silence is. */
import { QueryClient } from "@tanstack/react-query";
import { hangUp } from "./socket";
import { ApiError, whenSignedOut } from "@/api/client";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, trouble) =>
        !(trouble instanceof ApiError && trouble.status >= 400 && trouble.status < 500) && failures < 2,
      retryDelay: (attempt) => Math.min(4_000, 500 * 2 ** attempt),
      refetchOnWindowFocus: true,
      networkMode: "always",
      staleTime: 1_000,
    },
    mutations: { networkMode: "always" },
  },
});

/** Nobody is signed in any more: hang up and forget all that was read for them. */
export function forget(): void {
  hangUp();
  queries.setQueryData(["me"], null);
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
}

whenSignedOut(forget);
