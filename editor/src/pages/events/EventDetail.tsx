/** One event: its moments, what it set off, and its properties as they came. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useEvent, useJourneys } from "@/api/queries";
import type { EventEffect, EventRow, Reason } from "@/api/types";
import { useFormat } from "@/app/format";
import { Json, JourneyLink } from "@/ui/parts";
import { Failed } from "@/ui/states";
import { StatusTag } from "@/ui/StatusTag";
import { TryAgain } from "@/ui/TryAgain";
import { reasonSentence } from "@/ui/reasons";

export function EventDetail({ row }: { row: EventRow }) {
  const { t } = useTranslation("events");
  const format = useFormat();
  const fresh = useEvent(row.id);
  const event = fresh.data ?? row;
  const why = reasonSentence(event.why as Reason | string | null, { t, format });
  return (
    <div className="event-detail">
      <p>
        <StatusTag status={event.state} /> {why && <span className="quiet">{why}</span>}{" "}
        {event.state === "dead_lettered" && <TryAgain kind="events" id={event.id} />}
      </p>
      <dl className="facts">
        <dt>{t("occurred")}</dt>
        <dd>{format.exact(event.occurred_at)}</dd>
        <dt>{t("received")}</dt>
        <dd>{format.exact(event.received_at)}</dd>
        <dt>{t("id")}</dt>
        <dd>
          <code>{event.id}</code>
        </dd>
        {event.customer_id && (
          <>
            <dt>{t("customer")}</dt>
            <dd>
              <Link to={`/customers/${event.customer_id}`}>{t("openCustomer")}</Link>
            </dd>
          </>
        )}
      </dl>
      <section>
        <h3>{t("effects")}</h3>
        {fresh.isError && <Failed error={fresh.error} retry={() => void fresh.refetch()} />}
        {fresh.data && !event.effects?.length && <p className="faint">{t(`noEffects.${event.state}`)}</p>}
        <ul className="effects">
          {event.effects?.map((effect, i) => (
            <Effect key={i} effect={effect} />
          ))}
        </ul>
      </section>
      <section>
        <h3>{t("properties")}</h3>
        <Json value={event.properties} />
      </section>
    </div>
  );
}

function Effect({ effect }: { effect: EventEffect }) {
  const { t } = useTranslation("events");
  const format = useFormat();
  const journeys = useJourneys().data?.items ?? [];
  const journey = journeys.find((one) => one.id === effect.journey_id);
  return (
    <li>
      {t(`effect.${effect.kind}`, { defaultValue: effect.kind })}{" "}
      {effect.journey_id && <JourneyLink journey={journey ?? { id: effect.journey_id, name: t("journey") }} />}
      <span className="faint"> {reasonSentence(effect.reason as Reason | string | null, { t, format })}</span>
    </li>
  );
}
