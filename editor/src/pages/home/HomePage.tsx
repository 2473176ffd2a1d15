/** Home: what runs, what happened today, and whether the engine keeps up. */
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Overview } from "@/api/types";
import { useOverview } from "@/api/queries";
import { useSocketEvent } from "@/app/socket";
import { Page } from "@/ui/Page";
import { Failed, Loading } from "@/ui/states";
import { Health } from "./Health";
import { LiveJourneys } from "./LiveJourneys";
import { Today } from "./Today";
import "./home.css";

export default function HomePage() {
  const { t } = useTranslation("home");
  const overview = useOverview();
  const queries = useQueryClient();
  useSocketEvent<Overview>("overview", (fresh) => queries.setQueryData(["overview"], fresh));
  return (
    <Page title={t("title")} actions={<Link to="/journeys">{t("allJourneys")}</Link>}>
      {overview.isPending && <Loading />}
      {overview.isError && !overview.data && <Failed error={overview.error} retry={() => void overview.refetch()} />}
      {overview.data && (
        <div className="home">
          <Today today={overview.data.today} />
          <LiveJourneys counts={overview.data.journeys} />
          <Health health={overview.data.health} />
        </div>
      )}
    </Page>
  );
}
