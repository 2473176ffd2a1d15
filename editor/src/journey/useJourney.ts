/**
 * The journey as the engine has it. Its draft is read once; from then on the open draft is newer than any answer.
 *
 * Nothing is kept after the page is left, and what was still being saved is saved before it is read again: an old
 * draft from a cache would look like a colleague's conflict.
 */
import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { saveNow } from "./autosave";
import type { Journey } from "./queries";

export const useJourney = (id: string) =>
  useQuery({
    queryKey: ["journeys", id],
    queryFn: async ({ signal }) => {
      await saveNow();
      return get<Journey>(`/journeys/${id}`, {}, signal);
    },
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
