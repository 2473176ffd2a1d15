/** The members of a saved segment, page by page. */
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMembers, type Segment } from "@/api/segments";
import type { CustomerRow } from "@/api/types";
import { useFormat } from "@/app/format";
import { More } from "@/ui/parts";
import { Failed, Loading } from "@/ui/states";

export function Members({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const { number } = useFormat();
  const list = useMembers(segment.id);
  const { refetch } = list;
  useEffect(() => void refetch(), [refetch, segment.size, segment.state]);
  const rows = list.data?.pages.flatMap((page) => page.items);
  return (
    <section className="card segment-members">
      <h2 className="card-title">
        {t("members")} <span className="faint">{number(segment.size)}</span>
      </h2>
      <div className="card-body">
        {list.isPending && <Loading rows={3} />}
        {list.isError && !rows && <Failed error={list.error} retry={() => void list.refetch()} />}
        {rows?.length === 0 && (
          <p className="quiet">{t(segment.state === "computing" ? "membersLater" : "noMembers")}</p>
        )}
        <ul className="people-list people-columns">
          {rows?.map((one) => (
            <PersonLine key={one.id} customer={one} />
          ))}
        </ul>
        <More list={list} />
      </div>
    </section>
  );
}

/** One customer in a line: the name leads to their page, an address says who it is. */
export function PersonLine({ customer }: { customer: CustomerRow }) {
  const other = customer.identities.find((one) => one.value !== customer.label);
  return (
    <li>
      <Link to={`/customers/${customer.id}`}>{customer.label || customer.id.slice(0, 8)}</Link>
      {other && <span className="faint one-line">{other.value}</span>}
    </li>
  );
}
