/** One thing that happened: when, what, in which journey, and why. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { HistoryItem, Reason } from "@/api/types";
import { useSay } from "@/app/i18n";
import { useFormat } from "@/app/format";
import { JourneyLink, plainValue } from "@/ui/parts";
import { MessageStatus, StatusTag } from "@/ui/StatusTag";
import { useEventWords } from "@/ui/events";
import { Path } from "./Path";
import { reasonSentence } from "@/ui/reasons";

const shelves: Record<string, string> = {
  event: "end",
  entered: "trigger",
  armed: "trigger",
  refused: "end",
  cancelled: "end",
  visit: "logic",
  message: "message",
  receipt: "message",
  ended: "end",
  converted: "trigger",
  merged: "customer",
  consent: "customer",
};

export function TimelineItem({ item }: { item: HistoryItem }) {
  const format = useFormat();
  return (
    <li className="happened" data-kind={item.kind}>
      <time dateTime={item.at} title={format.exact(item.at)}>
        {format.time(item.at)}
      </time>
      <i className="happened-mark" style={{ background: `var(--${shelves[item.kind] ?? "end"})` }} aria-hidden />
      <div className="happened-body">
        <p className="happened-title">
          <Title item={item} />
        </p>
        <Detail item={item} />
      </div>
    </li>
  );
}

/** What happened, in a few words; the journey's name leads to its canvas. */
function Title({ item }: { item: HistoryItem }): ReactNode {
  const { t } = useTranslation("customers");
  const eventWords = useEventWords();
  if (item.kind === "event") return <b>{eventWords(text(item.name))}</b>;
  if (item.kind === "message") return <MessageTitle item={item} />;
  const words = t(`happened.${item.kind}`, {
    defaultValue: item.kind,
    channel: t(`words:channel.${text(item.channel)}`, { defaultValue: text(item.channel) }),
    state: t(`words:status.${text(item.state)}`, { defaultValue: text(item.state) }),
    topic: text(item.topic),
    goal: [text((item.goal as { name?: string } | undefined)?.name), text(item.value), text(item.currency)]
      .filter(Boolean)
      .join(" · "),
  });
  return (
    <>
      {words} {item.journey && <JourneyLink journey={item.journey} />}
      {item.journey?.version && <span className="faint"> {t("version", { n: item.journey.version })}</span>}
      {item.kind === "receipt" && (
        <>
          {" "}
          <StatusTag status={receiptKind(item)} />
        </>
      )}
      {item.kind === "ended" && typeof item.status === "string" && (
        <>
          {" "}
          <StatusTag status={item.status} />
        </>
      )}
    </>
  );
}

function MessageTitle({ item }: { item: HistoryItem }) {
  const { t } = useTranslation("customers");
  const channel = t(`words:channel.${text(item.channel)}`, { defaultValue: text(item.channel) });
  const id = text(item.message_id ?? item.id);
  return (
    <>
      {id ? (
        <Link to={`/messages/${id}`}>{t("happened.message", { channel })}</Link>
      ) : (
        t("happened.message", { channel })
      )}{" "}
      <MessageStatus status={text(item.status)} progress={item.progress} />
    </>
  );
}

function Detail({ item }: { item: HistoryItem }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const say = useSay();
  if (item.kind === "event") return <Properties properties={item.properties} />;
  if (item.kind === "visit") return <Path nodes={item.path ?? []} />;
  const said = item.kind === "message" ? text(item.subject) || text(item.text) : "";
  const reason = reasonSentence(item.reason ?? (item.why as Reason | undefined), { t, format }, say(item.said));
  const source = text(item.source);
  const lines = [said, reason, source].filter(Boolean);
  return lines.length > 0 ? <p className="quiet happened-line">{lines.join(" · ")}</p> : null;
}

function Properties({ properties }: { properties: unknown }) {
  const entries = Object.entries((properties ?? {}) as Record<string, unknown>);
  if (entries.length === 0) return null;
  return (
    <p className="chips">
      {entries.slice(0, 8).map(([name, value]) => (
        <span key={name} className="chip">
          <i>{name}</i> {plainValue(value)}
        </span>
      ))}
    </p>
  );
}

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
const receiptKind = (item: HistoryItem) => text(item.receipt ?? item.receipt_kind ?? item.status ?? item.state);
