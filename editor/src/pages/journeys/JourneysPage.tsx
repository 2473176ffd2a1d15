/** All journeys: what each looks like, how it fares, and what can be done with it from here. */
import { useState } from "react";
import Button from "antd/es/button";
import Segmented from "antd/es/segmented";
import { useTranslation } from "react-i18next";
import { useJourneys } from "@/api/queries";
import type { JourneyRow } from "@/api/types";
import { useMay } from "@/app/may";
import { Page } from "@/ui/Page";
import { SearchBox } from "@/ui/SearchBox";
import { Empty, Failed, Loading } from "@/ui/states";
import { JourneyTable } from "./JourneyTable";
import { NewJourney } from "./NewJourney";
import "./journeys.css";

type Shown = "all" | "running" | "draft" | "ended";
const statuses: Record<Shown, string[]> = {
  all: ["live", "paused", "draft", "stopped"],
  running: ["live", "paused"],
  draft: ["draft"],
  ended: ["stopped", "archived"],
};

export default function JourneysPage() {
  const { t } = useTranslation("journeys");
  const may = useMay();
  const journeys = useJourneys();
  const [naming, setNaming] = useState(false);
  const [shown, setShown] = useState<Shown>("all");
  const [search, setSearch] = useState("");
  const all = journeys.data?.items;
  const rows = all?.filter((row) => matches(row, shown, search)) ?? [];
  const create = may("edit") && (
    <Button type="primary" onClick={() => setNaming(true)} data-testid="new-journey">
      {t("new")}
    </Button>
  );
  return (
    <Page title={t("title")} actions={create}>
      {journeys.isPending && <Loading />}
      {journeys.isError && !all && <Failed error={journeys.error} retry={() => void journeys.refetch()} />}
      {all?.length === 0 && <Empty title={t("empty")} hint={t("emptyHint")} action={create} />}
      {all && all.length > 0 && (
        <>
          <div className="toolbar">
            <Segmented<Shown>
              value={shown}
              onChange={setShown}
              options={(Object.keys(statuses) as Shown[]).map((value) => ({ value, label: t(`shown.${value}`) }))}
            />
            <span className="toolbar-grow" />
            <SearchBox label={t("search")} value={search} search={setSearch} />
          </div>
          {rows.length > 0 ? <JourneyTable rows={rows} /> : <Empty title={t("noMatch")} hint={t("noMatchHint")} />}
        </>
      )}
      <NewJourney open={naming} close={() => setNaming(false)} />
    </Page>
  );
}

function matches(row: JourneyRow, shown: Shown, search: string): boolean {
  return statuses[shown].includes(row.status) && row.name.toLowerCase().includes(search.trim().toLowerCase());
}
