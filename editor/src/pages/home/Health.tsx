/** Whether the engine keeps up, in plain words first and in numbers second. */
import { useTranslation } from "react-i18next";
import type { Overview } from "@/api/types";
import { useFormat } from "@/app/format";
import { judge, sends } from "./judge";

export function Health({ health }: { health: Overview["health"] }) {
  const { t } = useTranslation("home");
  const format = useFormat();
  const verdict = judge(health);
  const behind = health.lanes.filter((lane) => lane.queued > 0 || !sends(lane));
  return (
    <section className="card" data-testid="health">
      <h2 className="card-title">{t("health")}</h2>
      <div className="card-body">
        <p className="verdict" data-tone={verdict === "well" ? "good" : "warn"}>
          <i aria-hidden /> {t(`verdict.${verdict}`)}
        </p>
        <dl className="facts">
          <dt>{t("inbox")}</dt>
          <dd>
            {health.inbox
              ? t("inboxBehind", { n: format.number(health.inbox), span: format.span(health.oldest_inbox_s ?? 0) })
              : t("none")}
          </dd>
          <dt>{t("wakes")}</dt>
          <dd>
            {(health.wake_lag_s ?? 0) < 2 ? t("onTime") : t("late", { span: format.span(health.wake_lag_s ?? 0) })}
          </dd>
          {behind.length === 0 && (
            <>
              <dt>{t("lanes")}</dt>
              <dd>{t("none")}</dd>
            </>
          )}
          {behind.map((lane) => (
            <LaneFact key={lane.lane} lane={lane} />
          ))}
          <dt>{t("workers")}</dt>
          <dd>{format.number(health.workers)}</dd>
        </dl>
      </div>
    </section>
  );
}

function LaneFact({ lane }: { lane: Overview["health"]["lanes"][number] }) {
  const { t } = useTranslation("home");
  const format = useFormat();
  return (
    <>
      <dt>{t("lane", { lane: lane.lane })}</dt>
      <dd>
        {lane.state && !sends(lane) && `${t(`laneState.${lane.state}`)} `}
        {lane.queued > 0 && t("laneBehind", { n: format.number(lane.queued), span: format.span(lane.oldest_s ?? 0) })}
      </dd>
    </>
  );
}
