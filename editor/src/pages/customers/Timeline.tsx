/** Everything that happened to one customer, newest first, a day at a time. */
import { useTranslation } from "react-i18next";
import { useHistory } from "@/api/queries";
import type { HistoryItem } from "@/api/types";
import { useFormat } from "@/app/format";
import { More } from "@/ui/parts";
import { Empty, Failed, Loading } from "@/ui/states";
import { TimelineItem } from "./TimelineItem";

export function Timeline({ customerId, keptSince }: { customerId: string; keptSince?: string | null }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const history = useHistory(customerId);
  const items = history.data?.pages.flatMap((page) => page.items);
  return (
    <section className="timeline" aria-label={t("history")}>
      {history.isPending && <Loading rows={8} />}
      {history.isError && !items && <Failed error={history.error} retry={() => void history.refetch()} />}
      {items?.length === 0 && <Empty title={t("noHistory")} hint={t("noHistoryHint")} />}
      {byDay(items ?? [], format.day).map(([day, happened]) => (
        <section key={day} className="card timeline-day">
          <h2 className="timeline-date">{day}</h2>
          <ol>
            {happened.map((item, i) => (
              <TimelineItem key={`${item.at} ${item.kind} ${i}`} item={item} />
            ))}
          </ol>
        </section>
      ))}
      <More list={history} />
      {keptSince && !history.hasNextPage && !history.isPending && (
        <p className="faint timeline-begins">{t("keptSince", { day: format.day(keptSince) })}</p>
      )}
    </section>
  );
}

function byDay(items: HistoryItem[], dayOf: (at: string) => string): [string, HistoryItem[]][] {
  const days = new Map<string, HistoryItem[]>();
  for (const item of items) {
    const day = dayOf(item.at);
    days.set(day, [...(days.get(day) ?? []), item]);
  }
  return [...days];
}
