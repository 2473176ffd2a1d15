/** Who is behind a number on the canvas: the customers at a node, each with a way to their page. */
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

export function PeopleDrawer({ journeyId }: { journeyId: string }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const people = useCanvasUi((ui) => ui.people);
  const set = useCanvasUi((ui) => ui.set);
  const node = useNode(people?.node ?? "");
  const kind = node && kindOf(catalog, node.kind);
  const enrollments = useEnrollments(journeyId, people);
  const items = enrollments.data?.items ?? [];
  const title = kind ? say(kind.title, language) : "";
  return (
    <Drawer
      open={people !== null}
      size={420}
      title={t(`people.${people?.status ?? "entered"}`, { title })}
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
    </li>
  );
}
