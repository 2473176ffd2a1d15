/** One message: what was said, whether it might go, what the provider did, and what came back. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMessage } from "@/api/queries";
import type { Message } from "@/api/types";
import { useFormat } from "@/app/format";
import { CustomerLink, JourneyLink } from "@/ui/parts";
import { Failed, Loading } from "@/ui/states";
import { MessageStatus, StatusTag } from "@/ui/StatusTag";
import { TryAgain } from "@/ui/TryAgain";
import { Content } from "./Content";
import { useCheckWords } from "./words";

export function MessageDetail({ id }: { id: string }) {
  const message = useMessage(id);
  if (message.isPending) return <Loading />;
  if (message.isError && !message.data) return <Failed error={message.error} retry={() => void message.refetch()} />;
  return <Detail message={message.data!} />;
}

function Detail({ message }: { message: Message }) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  const checkWords = useCheckWords();
  return (
    <div className="message-detail">
      <p className="message-head">
        <MessageStatus status={message.status} progress={message.progress} />
        <span>
          {t("to", {
            channel: t(`words:channel.${message.channel}`, { defaultValue: message.channel }),
            to: message.to ?? "—",
          })}
        </span>
        {message.status === "failed" && !message.progress && <TryAgain kind="messages" id={message.id} />}
      </p>
      {message.status === "unknown" && (
        <p className="note" data-tone="warn">
          {t("unknownNote")}
        </p>
      )}
      {message.reason && (
        <p className="note" data-tone="warn">
          {t("because", { reason: checkWords(message.reason) })}
        </p>
      )}
      <Content message={message} />
      <dl className="facts">
        <dt>{t("customer")}</dt>
        <dd>
          <CustomerLink customer={message.customer} />
        </dd>
        <dt>{t("journey")}</dt>
        <dd>
          <JourneyLink journey={message.journey} />
        </dd>
        <dt>{t("queued")}</dt>
        <dd>{format.exact(message.queued_at)}</dd>
        {message.sent_at && (
          <>
            <dt>{t("sent")}</dt>
            <dd>{format.exact(message.sent_at)}</dd>
          </>
        )}
      </dl>
      <Checks message={message} />
      <Deliveries message={message} />
      <Receipts message={message} />
    </div>
  );
}

function Part({ title, empty, count, children }: { title: string; empty: string; count: number; children: ReactNode }) {
  return (
    <section className="message-part">
      <h3>{title}</h3>
      {count > 0 ? <ol>{children}</ol> : <p className="faint">{empty}</p>}
    </section>
  );
}

function Checks({ message }: { message: Message }) {
  const { t } = useTranslation("messages");
  const checkWords = useCheckWords();
  return (
    <Part title={t("checks")} empty={t("noChecks")} count={message.checks.length}>
      {message.checks.map((one, i) => (
        <li key={i}>
          <span>{checkWords(one.check)}</span>
          <span className="faint">{words(one.detail)}</span>
          <StatusTag status={one.verdict} />
        </li>
      ))}
    </Part>
  );
}

function Deliveries({ message }: { message: Message }) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  return (
    <Part title={t("deliveries")} empty={t("noDeliveries")} count={message.deliveries.length}>
      {message.deliveries.map((one) => (
        <li key={one.attempt}>
          <span>
            {t("attempt", { n: one.attempt })} <span className="faint">{format.time(one.started_at)}</span>
          </span>
          <span className="faint">{[one.code, one.detail, one.provider_ref].filter(Boolean).join(" · ")}</span>
          <StatusTag status={one.outcome ?? "sending"} />
        </li>
      ))}
    </Part>
  );
}

function Receipts({ message }: { message: Message }) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  return (
    <Part title={t("receipts")} empty={t("noReceipts")} count={message.receipts.length}>
      {message.receipts.map((one, i) => (
        <li key={i}>
          <span>{format.exact(one.at)}</span>
          <span />
          <StatusTag status={one.kind} />
        </li>
      ))}
    </Part>
  );
}

const words = (detail: unknown) =>
  detail === null || detail === undefined ? "" : typeof detail === "string" ? detail : JSON.stringify(detail);
