/** Today's numbers, each leading to what it counts. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Overview } from "@/api/types";
import { useFormat } from "@/app/format";

export function Today({ today }: { today: Overview["today"] }) {
  const { t } = useTranslation("home");
  const format = useFormat();
  const channels = Object.entries(today.messages).filter(([, count]) => count > 0);
  const sent = channels.reduce((sum, [, count]) => sum + count, 0);
  const byChannel = channels.map(([channel, count]) =>
    t("ofChannel", { channel: t(`words:channel.${channel}`), n: format.number(count) }),
  );
  const trouble = today.failed + today.unknown;
  return (
    <section className="figures" aria-label={t("today")}>
      <Figure to="/events" name={t("events")} value={format.number(today.events)} note={t("eventsNote")} />
      <Figure to="/journeys" name={t("entered")} value={format.number(today.entered)} note={t("enteredNote")} />
      <Figure
        to="/messages"
        name={t("messages")}
        value={format.number(sent)}
        note={byChannel.join(" · ") || t("messagesNone")}
      />
      <Figure
        to={today.failed || !today.unknown ? "/messages?status=failed" : "/messages?status=unknown"}
        name={t("trouble")}
        value={format.number(trouble)}
        tone={trouble ? "bad" : undefined}
        note={
          trouble
            ? t("troubleNote", { failed: format.number(today.failed), unknown: format.number(today.unknown) })
            : t("troubleNone")
        }
      />
    </section>
  );
}

type FigureProps = { to: string; name: string; value: string; note: ReactNode; tone?: "bad" };

function Figure({ to, name, value, note, tone }: FigureProps) {
  return (
    <Link to={to} className="figure card" data-tone={tone}>
      <span className="figure-name">{name}</span>
      <strong className="figure-value">{value}</strong>
      <span className="figure-note">{note}</span>
    </Link>
  );
}
