/** Approvals: customers held until somebody releases or refuses them, the longest waiting first. */
import { useTranslation } from "react-i18next";
import { useApprovals, type Approval } from "@/api/approvals";
import { useFormat } from "@/app/format";
import { useMay } from "@/app/may";
import { Page } from "@/ui/Page";
import { Ago, CustomerLink, JourneyLink, More, plainValue } from "@/ui/parts";
import { Empty, Failed, Loading } from "@/ui/states";
import { Decide } from "./Decide";
import "./approvals.css";

export default function ApprovalsPage() {
  const { t } = useTranslation("approvals");
  const list = useApprovals();
  const rows = list.data?.pages.flatMap((page) => page.items);
  return (
    <Page title={t("title")}>
      {list.isPending && <Loading />}
      {list.isError && !rows && <Failed error={list.error} retry={() => void list.refetch()} />}
      {rows?.length === 0 && <Empty title={t("empty")} hint={t("emptyHint")} />}
      {rows && rows.length > 0 && (
        <>
          <ul className="approvals" aria-label={t("title")}>
            {rows.map((one) => (
              <Waiting key={one.enrollment_id} approval={one} />
            ))}
          </ul>
          <More list={list} />
        </>
      )}
    </Page>
  );
}

function Waiting({ approval }: { approval: Approval }) {
  const { t } = useTranslation("approvals");
  const { dateTime } = useFormat();
  const may = useMay();
  return (
    <li className="card approval" data-testid="approval">
      <div className="approval-body">
        <h2>{approval.title || t("untitled")}</h2>
        {approval.text && <p className="approval-text">{approval.text}</p>}
        <p className="quiet approval-who">
          <CustomerLink customer={approval.customer} /> · <JourneyLink journey={approval.journey} />
        </p>
        <Values approval={approval} />
        <p className="faint">
          {t("since")} <Ago at={approval.since} />
          {approval.until && ` · ${t("until", { at: dateTime(approval.until) })}`}
        </p>
      </div>
      {may("edit") && <Decide approval={approval} />}
    </li>
  );
}

const MOST = 8;

/** What the journey knows of the case: the event that started it, and what was remembered since. */
function Values({ approval }: { approval: Approval }) {
  const known = [...Object.entries(approval.event?.properties ?? {}), ...Object.entries(approval.variables ?? {})];
  if (known.length === 0) return null;
  return (
    <p className="approval-values">
      {known.slice(0, MOST).map(([name, value]) => (
        <span key={name}>
          <i>{name}</i> {plainValue(value)}
        </span>
      ))}
    </p>
  );
}
