/** One segment: its rule, drawn and read aloud, whom it holds for, and how it grew. */
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { useCatalogPage } from "@/api/queries";
import { useSegment, type Segment } from "@/api/segments";
import { useMay } from "@/app/may";
import type { Catalog } from "@/journey/types";
import { Page } from "@/ui/Page";
import { Failed, Loading } from "@/ui/states";
import { DeleteSegment } from "./DeleteSegment";
import { Growth } from "./Growth";
import { Members } from "./Members";
import { SegmentForm } from "./SegmentForm";
import { SegmentState } from "./SegmentState";
import { UsedBy } from "./UsedBy";
import "./segments.css";

const NEW = "new";

export default function SegmentPage() {
  const { id = NEW } = useParams();
  const { t } = useTranslation("segments");
  const may = useMay();
  const segment = useSegment(id === NEW ? undefined : id);
  const catalog = useCatalogPage();
  const failed = [segment, catalog].find((query) => query.isError && !query.data);
  const ready = catalog.data && (id === NEW || segment.data);
  return (
    <Page
      title={id === NEW ? t("newTitle") : (segment.data?.name ?? "")}
      back={{ to: "/segments", label: t("title") }}
      actions={segment.data && may("edit") && <DeleteSegment segment={segment.data} />}
    >
      {failed && <Failed error={failed.error} retry={() => void failed.refetch()} />}
      {!failed && !ready && <Loading />}
      {ready && (
        <div className="segment">
          <SegmentForm
            key={id}
            segment={id === NEW ? null : segment.data!}
            catalog={catalog.data as Catalog}
            readOnly={!may("edit")}
          />
          {segment.data && id !== NEW && <Standing segment={segment.data} />}
        </div>
      )}
    </Page>
  );
}

/** What holds of the saved segment, whatever is being changed in its form. */
function Standing({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  return (
    <>
      <section className="card">
        <h2 className="card-title">
          {t("growth")}
          <span className="toolbar-grow" />
          <SegmentState segment={segment} />
        </h2>
        <Growth segment={segment} />
      </section>
      <UsedBy segment={segment} />
      <Members segment={segment} />
    </>
  );
}
