/** Small parts that several pages share: a moment in time, JSON for reading, the button that shows more. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import Button from "antd/es/button";
import { useFormat } from "@/app/format";

/** How long ago, with the exact moment on hover. */
export function Ago({ at }: { at: string | null | undefined }) {
  const format = useFormat();
  if (!at) return <span className="faint">—</span>;
  return (
    <time dateTime={at} title={format.exact(at)}>
      {format.ago(at)}
    </time>
  );
}

export function Json({ value }: { value: unknown }) {
  return (
    <pre className="json" tabIndex={0}>
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

export function More({ list }: { list: Paged }) {
  const { t } = useTranslation("app");
  if (!list.hasNextPage) return null;
  return (
    <div className="more">
      <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {t("more")}
      </Button>
    </div>
  );
}

export function CustomerLink({ customer }: { customer: { id: string; label: string } | null | undefined }) {
  if (!customer) return <span className="faint">—</span>;
  return <Link to={`/customers/${customer.id}`}>{customer.label || customer.id.slice(0, 8)}</Link>;
}

export function JourneyLink({ journey }: { journey: { id: string; name: string } | null | undefined }) {
  if (!journey) return <span className="faint">—</span>;
  return <Link to={`/journeys/${journey.id}`}>{journey.name}</Link>;
}

/** A value as a person reads it: text plain, lists joined, objects as JSON. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(Number(value.toPrecision(12)));
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.join(", ");
  return JSON.stringify(value);
}
