/** Messages as rows: to whom, what, from which journey, and how it stands. */
import Table, { type ColumnsType } from "antd/es/table";
import { useTranslation } from "react-i18next";
import type { MessageRow } from "@/api/types";
import { useNarrow } from "@/app/look";
import { Ago, CustomerLink, JourneyLink } from "@/ui/parts";
import { StatusTag } from "@/ui/StatusTag";
import { useCheckWords } from "./words";

export function MessageTable({ rows, open }: { rows: MessageRow[]; open: (id: string) => void }) {
  const columns = useColumns();
  return (
    <Table<MessageRow>
      rowKey="id"
      columns={columns}
      dataSource={rows}
      pagination={false}
      size="middle"
      tableLayout="fixed"
      rowClassName="row-link"
      onRow={(row) => ({
        onClick: () => open(row.id),
        onKeyDown: (press) => press.key === "Enter" && press.target === press.currentTarget && open(row.id),
        tabIndex: 0,
      })}
    />
  );
}

const unsent = (row: MessageRow) => row.status === "queued" || row.status === "sending";

const stay = { onCell: () => ({ onClick: (click: React.MouseEvent) => click.stopPropagation() }) };

function useColumns(): ColumnsType<MessageRow> {
  const { t } = useTranslation("messages");
  const checkWords = useCheckWords();
  const narrow = useNarrow();
  const status: ColumnsType<MessageRow>[number] = {
    title: t("status"),
    key: "status",
    width: narrow ? 104 : 150,
    render: (_, row) => (
      <>
        <StatusTag status={row.status} />
        {row.reason && (
          <div className="faint one-line" title={row.reason}>
            {checkWords(row.reason)}
          </div>
        )}
      </>
    ),
  };
  const content: ColumnsType<MessageRow>[number] = {
    title: t("message"),
    key: "message",
    render: (_, row) => (
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
  const at: ColumnsType<MessageRow>[number] = {
    title: t("when"),
    key: "when",
    width: narrow ? 96 : 130,
    render: (_, row) => (
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
      ellipsis: true,
      ...stay,
      render: (_, row) => <CustomerLink customer={row.customer} />,
    },
    {
      title: t("journey"),
      key: "journey",
      width: 210,
      ellipsis: true,
      ...stay,
      render: (_, row) => <JourneyLink journey={row.journey} />,
    },
    status,
    at,
  ];
}
