/** Says when the live line to the engine is down; says nothing while all is well. */
import { useEffect, useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { pickUp, useConnected, useSocketEvent } from "./socket";

// A reconnect within this time is nobody's business.
const PATIENCE_MS = 3_000;

export function LiveState() {
  const { t } = useTranslation("app");
  const connected = useConnected();
  useEffect(pickUp, []);
  useFreshAfterReconnect();
  const missing = useLasting(!connected);
  if (!missing) return null;
  return (
    <span className="live-state" role="status" title={t("live.hint")}>
      <i aria-hidden />
      {t("live.lost")}
    </span>
  );
}

/** What was missed while the line was down is fetched anew; the first connection missed nothing. */
function useFreshAfterReconnect(): void {
  const queries = useQueryClient();
  const lost = useRef(false);
  useSocketEvent("disconnect", () => {
    lost.current = true;
  });
  useSocketEvent("connect", () => {
    if (lost.current) void queries.invalidateQueries();
    lost.current = false;
  });
}

function useLasting(holds: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLasting(holds), holds ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [holds]);
  return lasting && holds;
}
