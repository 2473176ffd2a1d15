/** Customers: found by any identity, the last seen first. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useCustomers } from "@/api/queries";
import type { CustomerRow } from "@/api/types";
import { useNarrow } from "@/app/look";
import { Page } from "@/ui/Page";
import { Rows, type Column } from "@/ui/Rows";
import { SearchBox } from "@/ui/SearchBox";
import { Ago, More, plainValue } from "@/ui/parts";
import { Empty, Failed, Loading } from "@/ui/states";
import { useIdentityWords } from "./identities";
import "./customers.css";

export default function CustomersPage() {
  const { t } = useTranslation("customers");
  const [typed, setTyped, search] = useSearch();
  const list = useCustomers({ search });
  const rows = list.data?.pages.flatMap((page) => page.items);
  const navigate = useNavigate();
  const columns = useColumns();
  return (
    <Page title={t("title")}>
      <div className="toolbar">
        <SearchBox autoFocus wide label={t("search")} value={typed} search={setTyped} />
      </div>
      {list.isPending && <Loading />}
      {list.isError && !rows && <Failed error={list.error} retry={() => void list.refetch()} />}
      {rows?.length === 0 && (
        <Empty title={t(search ? "noMatch" : "empty")} hint={t(search ? "noMatchHint" : "emptyHint")} />
      )}
      {rows && rows.length > 0 && (
        <div className="card table-card">
          <Rows
            rows={rows}
            columns={columns}
            label={t("title")}
            open={(row) => void navigate(`/customers/${row.id}`)}
          />
          <More list={list} />
        </div>
      )}
    </Page>
  );
}

/** What is typed, and what is searched for: the address keeps it, a moment after the last key. */
function useSearch(): [string, (typed: string) => void, string] {
  const [parameters, setParameters] = useSearchParams();
  const search = parameters.get("search") ?? "";
  const [typed, setTyped] = useState(search);
  useEffect(() => {
    if (typed.trim() === search) return;
    const timer = setTimeout(() => setParameters(typed.trim() ? { search: typed.trim() } : {}, { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [typed, search, setParameters]);
  return [typed, setTyped, search];
}

function useColumns(): Column<CustomerRow>[] {
  const { t } = useTranslation("customers");
  const kindWords = useIdentityWords();
  const narrow = useNarrow();
  const columns: Column<CustomerRow>[] = [
    {
      title: t("customer"),
      key: "label",
      width: narrow ? undefined : 220,
      show: (row: CustomerRow) => <Link to={`/customers/${row.id}`}>{row.label || row.id.slice(0, 8)}</Link>,
    },
    {
      title: t("identities"),
      key: "identities",
      show: (row: CustomerRow) => (
        <span className="chips">
          {row.identities.slice(0, 3).map((one) => (
            <span key={one.kind + one.value} className="chip">
              <i>{kindWords(one.kind)}</i> {one.value}
            </span>
          ))}
        </span>
      ),
    },
    {
      title: t("attributes"),
      key: "attributes",
      show: (row: CustomerRow) => <span className="quiet clamp">{glimpse(row)}</span>,
    },
    {
      title: t("seen"),
      key: "seen",
      width: 140,
      show: (row: CustomerRow) => (
        <span className="quiet">
          <Ago at={row.last_seen_at} />
        </span>
      ),
    },
  ];
  return narrow ? [columns[0]!, columns[3]!] : columns;
}

const glimpse = (row: CustomerRow) =>
  Object.entries(row.attributes)
    .filter(([, value]) => typeof value !== "object")
    .slice(0, 4)
    .map(([name, value]) => `${name}: ${plainValue(value)}`)
    .join(" · ") || "—";
