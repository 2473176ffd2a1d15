/** The journeys that run or are paused, with what flows through them. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useJourneys } from "@/api/queries";
import type { JourneyRow, Overview } from "@/api/types";
import { useFormat } from "@/app/format";
import { Failed, Loading } from "@/ui/states";
import { useKinds } from "@/ui/shelves";
import { StatusTag } from "@/ui/StatusTag";
import { Thumbnail } from "@/ui/Thumbnail";

export function LiveJourneys({ counts }: { counts: Overview["journeys"] }) {
  const { t } = useTranslation("home");
  const journeys = useJourneys();
  const running = (journeys.data?.items ?? []).filter((one) => one.status === "live" || one.status === "paused");
  return (
    <section className="card">
      <h2 className="card-title">
        {t("journeys")}
        <span className="faint">
          {t("journeysCount", { live: counts.live ?? 0, paused: counts.paused ?? 0, draft: counts.draft ?? 0 })}
        </span>
      </h2>
      {journeys.isPending && (
        <div className="card-body">
          <Loading rows={3} />
        </div>
      )}
      {journeys.isError && !journeys.data && <Failed error={journeys.error} retry={() => void journeys.refetch()} />}
      {journeys.data && running.length === 0 && (
        <p className="card-body quiet">
          {t("noneLive")} <Link to="/journeys">{t("noneLiveAct")}</Link>
        </p>
      )}
      <ul className="running">
        {running.map((journey) => (
          <Running key={journey.id} journey={journey} />
        ))}
      </ul>
    </section>
  );
}

function Running({ journey }: { journey: JourneyRow }) {
  const { t } = useTranslation("home");
  const format = useFormat();
  const { shelfOf } = useKinds();
  const counts = journey.counts;
  return (
    <li>
      <Link to={`/journeys/${journey.id}`} className="running-row">
        <Thumbnail graph={journey.graph} shelfOf={shelfOf} />
        <span className="running-name one-line">{journey.name}</span>
        <StatusTag status={journey.status} />
        <dl className="running-counts">
          <div>
            <dt>{t("enteredShort")}</dt>
            <dd>{format.compact(counts?.entered ?? 0)}</dd>
          </div>
          <div>
            <dt>{t("waitingShort")}</dt>
            <dd>{format.compact(counts?.waiting ?? 0)}</dd>
          </div>
          <div>
            <dt>{t("completedShort")}</dt>
            <dd>{format.compact(counts?.completed ?? 0)}</dd>
          </div>
        </dl>
      </Link>
    </li>
  );
}
