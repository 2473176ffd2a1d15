/** Messages as rows: to whom, what, from which journey, and how it stands. */
import { useTranslation } from "react-i18next";
import type { MessageRow } from "@/api/types";
import { useNarrow } from "@/app/look";
import { Ago, CustomerLink, JourneyLink } from "@/ui/parts";
import { Rows, type Column } from "@/ui/Rows";
import { MessageStatus } from "@/ui/StatusTag";
import { useCheckWords } from "./words";

export function MessageTable({ rows, open }: { rows: MessageRow[]; open: (id: string) => void }) {
  const { t } = useTranslation("messages");
  const columns = useColumns();
  return <Rows rows={rows} columns={columns} label={t("title")} open={(row) => open(row.id)} />;
}

const unsent = (row: MessageRow) => row.status === "queued" || row.status === "sending";

function useColumns(): Column<MessageRow>[] {
  const { t } = useTranslation("messages");
  const checkWords = useCheckWords();
  const narrow = useNarrow();
  const status: Column<MessageRow> = {
    title: t("status"),
    key: "status",
    width: narrow ? 124 : 160,
    show: (row: MessageRow) => (
      <>
        <MessageStatus status={row.status} progress={row.progress} />
        {row.reason && (
          <div className="faint one-line" title={row.reason}>
            {checkWords(row.reason)}
          </div>
        )}
      </>
    ),
  };
  const content: Column<MessageRow> = {
    title: t("message"),
    key: "message",
    show: (row: MessageRow) => (
      <>
        <div className="one-line">
          {row.subject || row.text || <span className="faint">{t(unsent(row) ? "notRendered" : "noWords")}</span>}
        </div>
        <div className="faint one-line">
          {t(`words:channel.${row.channel}`, { defaultValue: row.channel })}
          {row.to && ` · ${row.to}`}
        </div>
      </>
    ),
  };
  const at: Column<MessageRow> = {
    title: t("when"),
    key: "when",
    width: narrow ? 96 : 130,
    show: (row: MessageRow) => (
      <span className="quiet">
        <Ago at={row.sent_at ?? row.queued_at} />
      </span>
    ),
  };
  if (narrow) return [content, status];
  return [
    content,
    {
      title: t("customer"),
      key: "customer",
      width: 150,
      show: (row: MessageRow) => <CustomerLink customer={row.customer} />,
    },
    {
      title: t("journey"),
      key: "journey",
      width: 210,
      show: (row: MessageRow) => <JourneyLink journey={row.journey} />,
    },
    status,
    at,
  ];
}
