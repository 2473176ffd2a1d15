/** Says when the live line to the engine is down; says nothing while all is well. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnected } from "./socket";

// A reconnect within this time is nobody's business.
const PATIENCE_MS = 3_000;

export function LiveState() {
  const { t } = useTranslation("app");
  const connected = useConnected();
  const missing = useLasting(!connected);
  if (!missing) return null;
  return (
    <span className="live-state" role="status" title={t("live.hint")}>
      <i aria-hidden />
      {t("live.lost")}
    </span>
  );
}

function useLasting(holds: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLasting(holds), holds ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [holds]);
  return lasting && holds;
}
