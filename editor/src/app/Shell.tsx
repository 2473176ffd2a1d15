/** The frame around every page of a signed-in operator: rail, top bar, page. */
import { useEffect, useState } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { useMe } from "@/api/queries";
import { Failed } from "@/ui/states";
import { speak } from "./i18n";
import { LiveState } from "./LiveState";
import { OperatorMenu } from "./OperatorMenu";
import { Rail } from "./Rail";
import { TopBarSlot } from "./TopBar";

export function Shell() {
  const me = useMe();
  const here = useLocation();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const language = me.data?.operator.language;
  useEffect(() => {
    if (language) speak(language);
  }, [language]);

  if (me.isPending) return null;
  if (me.isError && me.data === undefined) return <Failed error={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return <Navigate to="/login" replace state={{ from: here.pathname + here.search }} />;
  return (
    <div className="shell">
      <Rail />
      <header className="topbar">
        <div className="topbar-slot" ref={setSlot} />
        <LiveState />
        <OperatorMenu me={me.data} />
      </header>
      <main className="shell-page">
        <TopBarSlot value={slot}>
          <Outlet />
        </TopBarSlot>
      </main>
    </div>
  );
}
