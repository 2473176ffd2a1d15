/**
 * Who is behind a number on the canvas, each with a way to their page: all who entered behind a trigger's number, who
 * stands there now behind a node's, and all who failed behind a red one.
 */
import Drawer from "antd/es/drawer";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/app/format";
import { useLanguage } from "@/app/i18n";
import { useCanvasUi } from "@/canvas/ui";
import { kindOf } from "@/journey/catalog";
import { useEnrollments, type EnrollmentRow } from "@/journey/queries";
import { useCatalog, useNode } from "@/journey/store";
import { say } from "@/journey/words";
import { Failed, Loading } from "@/ui/states";
import { TryAgain } from "@/ui/TryAgain";

export function PeopleDrawer({ journeyId }: { journeyId: string }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const people = useCanvasUi((ui) => ui.people);
  const set = useCanvasUi((ui) => ui.set);
  const node = useNode(people?.node ?? "");
  const kind = node && kindOf(catalog, node.kind);
  const asked = people && questionOf(people.node, people.status, kind?.role === "trigger");
  const enrollments = useEnrollments(journeyId, asked?.filters ?? null);
  const items = enrollments.data?.items ?? [];
  const title = kind ? say(kind.title, language) : "";
  return (
    <Drawer
      open={people !== null}
      size={420}
      title={t(`people.${asked?.words ?? "here"}`, { title })}
      onClose={() => set({ people: null })}
    >
      {enrollments.isPending && <Loading />}
      {enrollments.isError && <Failed error={enrollments.error} retry={() => void enrollments.refetch()} />}
      {enrollments.isSuccess && items.length === 0 && <p className="quiet">{t("people.none")}</p>}
      <ul className="people" data-testid="people">
        {items.map((item) => (
          <Person key={item.id} item={item} />
        ))}
      </ul>
    </Drawer>
  );
}

type Question = { words: "entered" | "here" | "waiting" | "failed"; filters: { node?: string; status?: string } };

function questionOf(node: string, status: string | undefined, trigger: boolean): Question {
  if (status === "failed") return { words: "failed", filters: { status } };
  if (status === "waiting") return { words: "waiting", filters: { node, status } };
  return trigger ? { words: "entered", filters: {} } : { words: "here", filters: { node } };
}

function Person({ item }: { item: EnrollmentRow }) {
  const { t } = useTranslation("canvas");
  const { ago, dateTime } = useFormat();
  return (
    <li>
      <Link to={`/customers/${item.customer.id}`}>{item.customer.label}</Link>
      <span className="tag">{t(`people.status.${item.status}`, { defaultValue: item.status })}</span>
      <small>
        {t("people.entered_at", { at: ago(item.entered_at) })}
        {item.wake_at && ` · ${t("people.until", { at: dateTime(item.wake_at) })}`}
      </small>
      {item.status === "failed" && <TryAgain kind="enrollments" id={item.id} />}
    </li>
  );
}
