/** What a customer did: whether, how often, how much in total, when first or last – of one event, filtered, in a time. */
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { MEASURES, needsProperty, type EventLeaf, type Measure, type Window } from "@/journey/rules";
import { useForm } from "../../form";
import { Filters } from "../FiltersField";
import { NameInput } from "../names";
import { Operation } from "./Operation";
import { WindowInput } from "./WindowInput";

type Props = { leaf: EventLeaf; change: (leaf: EventLeaf) => void };
type Question = "did" | "not" | Measure | "first of" | "last of";

const COUNTED = ["is", "is_not", ">", ">=", "<", "<=", "between"];
const DATED = ["before", "after", "between", "within_last"];

export function EventInput({ leaf, change }: Props) {
  const { t } = useTranslation("rule");
  const { readOnly } = useForm();
  const question = questionOf(leaf);
  const questions: Question[] = ["did", "not", ...MEASURES, "first of", "last of"];
  const events = [leaf.event];
  return (
    <div className="leaf">
      <Select
        aria-label={t("event.question")}
        options={questions.map((value) => ({ value, label: t(`event.${value.replace(" ", "_")}`) }))}
        value={question}
        disabled={readOnly}
        popupMatchSelectWidth={false}
        onChange={(next) => change(ask(leaf, next))}
      />
      {"of" in leaf && leaf.of !== undefined && (
        <NameInput sort="property" value={leaf.of} events={events} change={(of) => change({ ...leaf, of })} />
      )}
      <NameInput sort="event" value={leaf.event} change={(event) => change({ ...leaf, event })} />
      {"measure" in leaf && (
        <div className="comparison comparison-bare">
          <Operation
            compared={leaf.value === undefined ? { op: leaf.op } : { op: leaf.op, value: leaf.value }}
            ops={opsOf(leaf.measure, leaf.of)}
            change={({ op, value }) => change({ ...leaf, op, value })}
          />
        </div>
      )}
      <WindowInput window={leaf} change={(window) => change({ ...withoutWindow(leaf), ...window })} />
      <Filters
        filters={leaf.where ?? []}
        events={events}
        change={(where) => change(where.length ? { ...leaf, where } : withoutWhere(leaf))}
      />
    </div>
  );
}

function questionOf(leaf: EventLeaf): Question {
  if (!("measure" in leaf)) return leaf.did ? "did" : "not";
  const placed = leaf.measure === "first" || leaf.measure === "last";
  return placed && leaf.of !== undefined ? (`${leaf.measure} of` as Question) : leaf.measure;
}

/** Totals and counts compare numbers, moments dates, and a property of the first or last one whatever it holds. */
function opsOf(measure: Measure, of: string | undefined): string[] | undefined {
  if (measure !== "first" && measure !== "last") return COUNTED;
  return of === undefined ? DATED : undefined;
}

/** The same event, asked otherwise: what still fits is kept. */
function ask(leaf: EventLeaf, question: Question): EventLeaf {
  const { event, where, since, last, between } = leaf;
  const kept = stripped({ event, where, since, last, between }) as Window & { event: string };
  if (question === "did" || question === "not") return { ...kept, did: question === "did" };
  const [measure, of] = question.split(" ") as [Measure, string | undefined];
  if (needsProperty(measure)) {
    return { ...kept, measure, of: "of" in leaf ? (leaf.of ?? "") : "", op: ">=", value: valueOf(leaf) };
  }
  if (measure === "count") return { ...kept, measure, op: ">=", value: valueOf(leaf) || 2 };
  if (of) return { ...kept, measure, of: "of" in leaf ? (leaf.of ?? "") : "", op: "is", value: "" };
  return { ...kept, measure, op: "within_last", value: 30 };
}

const valueOf = (leaf: EventLeaf) => ("value" in leaf && typeof leaf.value === "number" ? leaf.value : "");

const stripped = (object: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const withoutWindow = ({ since: _s, last: _l, between: _b, ...leaf }: EventLeaf): EventLeaf => leaf as EventLeaf;
const withoutWhere = ({ where: _, ...leaf }: EventLeaf): EventLeaf => leaf as EventLeaf;
