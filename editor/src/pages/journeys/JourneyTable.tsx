/** Journeys as rows, each with the picture of its graph. */
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import type { JourneyRow } from "@/api/types";
import { useFormat } from "@/app/format";
import { useNarrow } from "@/app/look";
import { Ago } from "@/ui/parts";
import { Rows, type Column } from "@/ui/Rows";
import { useKinds } from "@/ui/shelves";
import { StatusTag } from "@/ui/StatusTag";
import { Thumbnail } from "@/ui/Thumbnail";
import { JourneyMenu } from "./JourneyMenu";

export function JourneyTable({ rows }: { rows: JourneyRow[] }) {
  const { t } = useTranslation("journeys");
  const navigate = useNavigate();
  const columns = useColumns();
  return (
    <div className="card table-card">
      <Rows rows={rows} columns={columns} label={t("title")} open={(row) => void navigate(`/journeys/${row.id}`)} />
    </div>
  );
}

function useColumns(): Column<JourneyRow>[] {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const narrow = useNarrow();
  const count = (name: "entered" | "waiting" | "completed") => ({
    title: t(name),
    key: name,
    width: 108,
    align: "right" as const,
    show: (row: JourneyRow) => format.number(row.counts?.[name] ?? 0),
  });
  const name = { title: t("name"), key: "name", show: (row: JourneyRow) => <Name row={row} /> };
  const status = {
    title: t("status"),
    key: "status",
    width: narrow ? 96 : 120,
    show: (row: JourneyRow) => <StatusTag status={row.status} />,
  };
  const updated = {
    title: t("updated"),
    key: "updated",
    width: 140,
    show: (row: JourneyRow) => (
      <span className="quiet">
        <Ago at={row.updated_at} />
      </span>
    ),
  };
  const menu = {
    title: <span className="visually-hidden">{t("actions")}</span>,
    key: "menu",
    width: 72,
    show: (row: JourneyRow) => <JourneyMenu row={row} />,
  };
  if (narrow) return [name, status, menu];
  return [name, status, count("entered"), count("waiting"), count("completed"), updated, menu];
}

function Name({ row }: { row: JourneyRow }) {
  const { t } = useTranslation("journeys");
  const { shelfOf } = useKinds();
  const narrow = useNarrow();
  return (
    <div className="journey-row">
      {!narrow && <Thumbnail graph={row.graph} shelfOf={shelfOf} />}
      <span>
        <Link to={`/journeys/${row.id}`}>{row.name}</Link>
        <span className="faint">
          {row.live_version ? t("version", { n: row.live_version }) : t("neverPublished")}
          {row.live_version && row.has_draft_changes ? ` · ${t("draftChanges")}` : ""}
        </span>
      </span>
    </div>
  );
}
