/** In which time something counts: ever, since entering or since a node, in the last days, between two days. */
import InputNumber from "antd/es/input-number";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import type { Window } from "@/journey/rules";
import { say } from "@/journey/words";
import { useForm } from "../../form";
import { NodeChooser } from "../choosers";
import { DayInput } from "../moments";

type Sort = "ever" | "entry" | "node" | "last" | "between";
type Props = { window: Window; change: (window: Window) => void };

const day = () => new Date().toISOString().slice(0, 10);
const FRESH: Record<Sort, () => Window> = {
  ever: () => ({ since: "ever" }),
  entry: () => ({ since: "entry" }),
  node: () => ({ since: { node: "" } }),
  last: () => ({ last: { amount: 30, unit: "days" } }),
  between: () => ({ between: [`${day().slice(0, 4)}-01-01`, day()] }),
};

export function WindowInput({ window, change }: Props) {
  const { t } = useTranslation("rule");
  const { readOnly, about } = useForm();
  const sort = sortOf(window);
  const sorts: Sort[] =
    about === "customer" ? ["ever", "last", "between"] : ["entry", "ever", "node", "last", "between"];
  return (
    <div className="window" data-sort={sort}>
      <Select
        aria-label={t("window.title")}
        options={sorts.map((value) => ({ value, label: t(`window.${value}`) }))}
        value={sort}
        disabled={readOnly}
        popupMatchSelectWidth={false}
        onChange={(chosen) => change(FRESH[chosen]())}
      />
      <WindowValue window={window} change={change} />
    </div>
  );
}

function sortOf({ since, last, between }: Window): Sort {
  if (last) return "last";
  if (between) return "between";
  return typeof since === "object" ? "node" : (since ?? "ever");
}

function WindowValue({ window, change }: Props) {
  const { t } = useTranslation("rule");
  if (window.last) return <LastInput window={window} change={change} />;
  if (window.between) {
    const [from, to] = window.between;
    return (
      <div className="range">
        <DayInput value={from} label={t("from")} change={(next) => change({ between: [next ?? "", to] })} />
        <DayInput value={to} label={t("to")} change={(next) => change({ between: [from, next ?? ""] })} />
      </div>
    );
  }
  if (typeof window.since !== "object") return null;
  return <NodeChooser value={window.since.node} change={(node) => change({ since: { node: String(node) } })} />;
}

function LastInput({ window, change }: Props) {
  const { t } = useTranslation("rule");
  const { readOnly, language, catalog } = useForm();
  const { amount, unit } = window.last!;
  return (
    <div className="range">
      <InputNumber
        aria-label={t("window.last")}
        min={1}
        precision={0}
        value={amount}
        disabled={readOnly}
        onChange={(next) => change({ last: { amount: next ?? 1, unit } })}
      />
      <Select
        aria-label={t("unit")}
        options={catalog.units.map((one) => ({ value: one.unit, label: say(one.many, language) }))}
        value={unit}
        disabled={readOnly}
        onChange={(next: string) => change({ last: { amount, unit: next } })}
      />
    </div>
  );
}
