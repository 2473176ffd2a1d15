/** Events as they arrive, and what became of each. */
import Drawer from "antd/es/drawer";
import Select from "antd/es/select";
import Table, { type ColumnsType } from "antd/es/table";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useEventNames, useEvents } from "@/api/queries";
import type { EventRow } from "@/api/types";
import { useFormat } from "@/app/format";
import { useNarrow } from "@/app/look";
import { Page } from "@/ui/Page";
import { Ago, More, plainValue } from "@/ui/parts";
import { Empty, Failed, Loading } from "@/ui/states";
import { StatusTag } from "@/ui/StatusTag";
import { EventDetail } from "./EventDetail";
import "./events.css";

export default function EventsPage() {
  const { t } = useTranslation("events");
  const [parameters] = useSearchParams();
  const name = parameters.get("name") ?? "";
  const list = useEvents({ name, customer_id: parameters.get("customer_id") ?? "" });
  const rows = list.data?.pages.flatMap((page) => page.items);
  const [opened, setOpened] = useState<EventRow | null>(null);
  const columns = useColumns();
  return (
    <Page title={t("title")}>
      <NameFilter />
      {list.isPending && <Loading />}
      {list.isError && !rows && <Failed error={list.error} retry={() => void list.refetch()} />}
      {rows?.length === 0 && (
        <Empty title={t(name ? "noMatch" : "empty")} hint={t(name ? "noMatchHint" : "emptyHint")} />
      )}
      {rows && rows.length > 0 && (
        <div className="card table-card">
          <Table<EventRow>
            rowKey="id"
            columns={columns}
            dataSource={rows}
            pagination={false}
            size="middle"
            tableLayout="fixed"
            rowClassName="row-link"
            onRow={(row) => ({
              onClick: () => setOpened(row),
              onKeyDown: (press) => press.key === "Enter" && press.target === press.currentTarget && setOpened(row),
              tabIndex: 0,
            })}
          />
          <More list={list} />
        </div>
      )}
      <Drawer open={opened !== null} onClose={() => setOpened(null)} size={520} title={opened?.name} destroyOnHidden>
        {opened && <EventDetail row={opened} />}
      </Drawer>
    </Page>
  );
}

function NameFilter() {
  const { t } = useTranslation("events");
  const format = useFormat();
  const [parameters, setParameters] = useSearchParams();
  const names = useEventNames().data?.items ?? [];
  return (
    <div className="toolbar">
      <Select
        allowClear
        showSearch={{ optionFilterProp: "value" }}
        className="event-filter"
        placeholder={t("anyName")}
        aria-label={t("anyName")}
        value={parameters.get("name") ?? undefined}
        onChange={(name: string | undefined) => setParameters(name ? { name } : {}, { replace: true })}
        options={names.map((one) => ({
          value: one.name,
          label: (
            <span className="event-option">
              <span className="one-line">{one.name}</span>
              <span className="faint">{format.compact(one.count)}</span>
            </span>
          ),
        }))}
      />
    </div>
  );
}

function useColumns(): ColumnsType<EventRow> {
  const { t } = useTranslation("events");
  const narrow = useNarrow();
  const name: ColumnsType<EventRow>[number] = {
    title: t("name"),
    key: "name",
    width: narrow ? undefined : 210,
    ellipsis: true,
    render: (_, row) => <b className="event-name">{row.name}</b>,
  };
  const properties: ColumnsType<EventRow>[number] = {
    title: t("properties"),
    key: "properties",
    ellipsis: true,
    render: (_, row) => <span className="quiet">{glimpse(row.properties)}</span>,
  };
  const customer: ColumnsType<EventRow>[number] = {
    title: t("customer"),
    key: "customer",
    width: 120,
    onCell: () => ({ onClick: (click: React.MouseEvent) => click.stopPropagation() }),
    render: (_, row) =>
      row.customer_id ? (
        <Link to={`/customers/${row.customer_id}`}>{t("open")}</Link>
      ) : (
        <span className="faint">—</span>
      ),
  };
  const state: ColumnsType<EventRow>[number] = {
    title: t("state"),
    key: "state",
    width: 110,
    render: (_, row) => <StatusTag status={row.state} />,
  };
  const at: ColumnsType<EventRow>[number] = {
    title: t("received"),
    key: "received",
    width: narrow ? 104 : 140,
    render: (_, row) => (
      <span className="quiet">
        <Ago at={row.received_at} />
      </span>
    ),
  };
  return narrow ? [name, state, at] : [name, properties, customer, state, at];
}

const glimpse = (properties: Record<string, unknown>) =>
  Object.entries(properties ?? {})
    .slice(0, 5)
    .map(([name, value]) => `${name}: ${plainValue(value)}`)
    .join(" · ") || "—";
