/**
 * Keeping the counts current: pushed by the live line for all versions together, asked for when it is silent.
 *
 * After every reconnect they are asked for anew, because pushes missed meanwhile are not sent again. The counts of a
 * single version are never pushed and are asked for every two seconds.
 */
import { useEffect } from "react";
import { socket, useConnected, useSocketEvent } from "@/app/socket";
import { fetchCounts } from "@/journey/queries";
import type { Counts } from "@/journey/types";
import { useLive } from "./store";

const ONE_VERSION_MS = 2_000;
const LINE_UP_MS = 15_000;
const LINE_DOWN_MS = 3_000;

export function useCounts(journeyId: string, version: number | null): void {
  const connected = useConnected();
  const { take, forget } = useLive.getState();

  useSocketEvent<Counts>("counts", (counts) => {
    if (version === null && counts.journey_id === journeyId) take({ ...counts, version: null });
  });

  useEffect(() => {
    if (!connected) return;
    socket().emit("watch", { journey_id: journeyId });
    return () => void socket().emit("unwatch", { journey_id: journeyId });
  }, [connected, journeyId]);

  useEffect(() => forget, [forget, journeyId, version]);

  useEffect(() => {
    let over = false;
    const ask = async () => {
      try {
        const counts = await fetchCounts(journeyId, version);
        if (!over) take({ ...counts, version });
      } catch {
        // The numbers on show stay; the live line's state in the top bar says that they are old.
      }
    };
    void ask();
    const every = version !== null ? ONE_VERSION_MS : connected ? LINE_UP_MS : LINE_DOWN_MS;
    const timer = setInterval(() => void ask(), every);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [journeyId, version, connected, take]);
}
