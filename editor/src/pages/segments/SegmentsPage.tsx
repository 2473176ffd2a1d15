/** Segments: which customers each holds, how many they are, and what depends on it. */
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { useSegments, type Segment } from "@/api/segments";
import { useFormat } from "@/app/format";
import { useNarrow } from "@/app/look";
import { useMay } from "@/app/may";
import { Page } from "@/ui/Page";
import { Ago, More } from "@/ui/parts";
import { Rows, type Column } from "@/ui/Rows";
import { Empty, Failed, Loading } from "@/ui/states";
import { SegmentState } from "./SegmentState";
import { useRuleWords } from "@/journey/names";
import "./segments.css";

export default function SegmentsPage() {
  const { t } = useTranslation("segments");
  const may = useMay();
  const list = useSegments();
  const rows = list.data?.pages.flatMap((page) => page.items);
  const navigate = useNavigate();
  const columns = useColumns();
  const create = may("edit") && (
    <Button type="primary" data-testid="new-segment" onClick={() => void navigate("/segments/new")}>
      {t("new")}
    </Button>
  );
  return (
    <Page title={t("title")} actions={create}>
      {list.isPending && <Loading />}
      {list.isError && !rows && <Failed error={list.error} retry={() => void list.refetch()} />}
      {rows?.length === 0 && <Empty title={t("empty")} hint={t("emptyHint")} action={create} />}
      {rows && rows.length > 0 && (
        <div className="card table-card">
          <Rows rows={rows} columns={columns} label={t("title")} open={(row) => void navigate(`/segments/${row.id}`)} />
          <More list={list} />
        </div>
      )}
    </Page>
  );
}

function useColumns(): Column<Segment>[] {
  const { t } = useTranslation("segments");
  const { number } = useFormat();
  const narrow = useNarrow();
  const name = { key: "name", title: t("name"), show: (row: Segment) => <Name segment={row} /> };
  const size: Column<Segment> = {
    key: "size",
    title: t("size"),
    width: narrow ? 132 : 144,
    align: "right",
    show: (row) => (row.state === "computing" ? <SegmentState segment={row} /> : number(row.size)),
  };
  const used = {
    key: "used",
    title: t("usedBy"),
    width: 220,
    show: (row: Segment) => <span className="quiet clamp">{row.used_by.map((one) => one.name).join(", ") || "—"}</span>,
  };
  const updated = {
    key: "updated",
    title: t("updated"),
    width: 140,
    show: (row: Segment) => (
      <span className="quiet">
        <Ago at={row.updated_at} />
      </span>
    ),
  };
  return narrow ? [name, size] : [name, size, used, updated];
}

function Name({ segment }: { segment: Segment }) {
  const words = useRuleWords();
  return (
    <span className="segment-row">
      <Link to={`/segments/${segment.id}`}>{segment.name}</Link>
      <span className="faint clamp">{words(segment.rule)}</span>
    </span>
  );
}
