/** Events as they arrive, and what became of each. */
import Drawer from "antd/es/drawer";
import Select from "antd/es/select";
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
import { Rows, type Column } from "@/ui/Rows";
import { useEventWords } from "@/ui/events";
import { StatusTag, useStatusWords } from "@/ui/StatusTag";
import { EventDetail } from "./EventDetail";
import "./events.css";

export default function EventsPage() {
  const { t } = useTranslation("events");
  const [parameters] = useSearchParams();
  const name = parameters.get("name") ?? "";
  const state = parameters.get("state") ?? "";
  const list = useEvents({ name, state, customer_id: parameters.get("customer_id") ?? "" });
  const rows = list.data?.pages.flatMap((page) => page.items);
  const [opened, setOpened] = useState<EventRow | null>(null);
  const columns = useColumns();
  const words = useEventWords();
  return (
    <Page title={t("title")}>
      <Filters />
      {list.isPending && <Loading />}
      {list.isError && !rows && <Failed error={list.error} retry={() => void list.refetch()} />}
      {rows?.length === 0 && (
        <Empty
          title={t(state ? "noneInState" : name ? "noMatch" : "empty")}
          hint={t(name || state ? "noMatchHint" : "emptyHint")}
        />
      )}
      {rows && rows.length > 0 && (
        <div className="card table-card">
          <Rows rows={rows} columns={columns} label={t("title")} open={setOpened} />
          <More list={list} />
        </div>
      )}
      <Drawer
        open={opened !== null}
        onClose={() => setOpened(null)}
        size={520}
        title={opened && words(opened.name)}
        destroyOnHidden
      >
        {opened && <EventDetail row={opened} />}
      </Drawer>
    </Page>
  );
}

/** Filters live in the address, so that a filtered list can be bookmarked and sent to a colleague. */
function Filters() {
  const { t } = useTranslation("events");
  const format = useFormat();
  const [parameters, setParameters] = useSearchParams();
  const statusWords = useStatusWords();
  const names = useEventNames().data?.items ?? [];
  const eventWords = useEventWords();
  const set = (filter: string, value: string | undefined) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(filter, value);
        else after.delete(filter);
        return after;
      },
      { replace: true },
    );
  return (
    <div className="toolbar">
      <Select
        allowClear
        showSearch={{ optionFilterProp: "value" }}
        className="event-filter"
        placeholder={t("anyName")}
        aria-label={t("anyName")}
        value={parameters.get("name") ?? undefined}
        onChange={(name: string | undefined) => set("name", name)}
        options={names.map((one) => ({
          value: one.name,
          label: (
            <span className="event-option">
              <span className="one-line">{eventWords(one.name)}</span>
              <span className="faint">{format.compact(one.count)}</span>
            </span>
          ),
        }))}
      />
      <Select
        allowClear
        className="event-filter"
        placeholder={t("anyState")}
        aria-label={t("anyState")}
        value={parameters.get("state") ?? undefined}
        onChange={(state: string | undefined) => set("state", state)}
        options={["dead_lettered", "ignored"].map((value) => ({ value, label: statusWords(value) }))}
      />
    </div>
  );
}

function useColumns(): Column<EventRow>[] {
  const { t } = useTranslation("events");
  const words = useEventWords();
  const narrow = useNarrow();
  const name: Column<EventRow> = {
    title: t("name"),
    key: "name",
    width: narrow ? undefined : 210,
    show: (row: EventRow) => <b className="event-name">{words(row.name)}</b>,
  };
  const properties: Column<EventRow> = {
    title: t("properties"),
    key: "properties",
    show: (row: EventRow) => <span className="quiet clamp">{glimpse(row.properties)}</span>,
  };
  const customer: Column<EventRow> = {
    title: t("customer"),
    key: "customer",
    width: 120,
    show: (row: EventRow) =>
      row.customer_id ? (
        <Link to={`/customers/${row.customer_id}`}>{t("open")}</Link>
      ) : (
        <span className="faint">—</span>
      ),
  };
  const state: Column<EventRow> = {
    title: t("state"),
    key: "state",
    width: 132,
    show: (row: EventRow) => <StatusTag status={row.state} />,
  };
  const at: Column<EventRow> = {
    title: t("received"),
    key: "received",
    width: narrow ? 118 : 140,
    show: (row: EventRow) => (
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
