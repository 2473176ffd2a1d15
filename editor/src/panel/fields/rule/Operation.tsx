/** How something is compared and with what: the operators that fit, and the input that their value takes. */
import AutoComplete from "antd/es/auto-complete";
import InputNumber from "antd/es/input-number";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { isReference, takesNoValue, valueSort, type Compared } from "@/journey/rules";
import type { Operator, ValueSort } from "@/journey/types";
import { say } from "@/journey/words";
import { useForm, type Completion } from "../../form";
import { fromTyped, toTyped, valueFor } from "../../value";
import { DayInput } from "../moments";
import { ManyValues } from "../values";
import { Looked, ReferenceMenu } from "./Reference";

type Props = {
  compared: Compared;
  change: (compared: Compared) => void;
  examples?: Completion[];
  filter?: boolean;
  references?: boolean;
  /** The operators to offer; all that fit when it is left out. */
  ops?: string[];
};

/** `between` compares two numbers or two dates, and stands in the list once for each. */
const BETWEEN_DAYS = "between days";

export function Operation({ compared, change, examples, filter, references = !filter, ops }: Props) {
  const { t } = useTranslation("rule");
  const { language, readOnly, catalog, about } = useForm();
  const fitting = catalog.operators.filter((one) => (ops ? ops.includes(one.op) : !filter || one.filter !== false));
  const options = fitting.flatMap((one) => choicesOf(one, say(one.title, language), ops, t("dates"), filter));
  const looked = isReference(compared.value);
  const days = compared.op === "between" && !looked && areDays(compared.value);
  const choose = (chosen: string) => change(operate(chosen, compared.value, catalog.operators));
  const put = (value: unknown) => change({ op: compared.op, value });
  return (
    <>
      <Select
        aria-label={t("op")}
        className="comparison-op"
        popupMatchSelectWidth={false}
        options={options}
        value={days || (compared.op === "between" && ops?.includes("before")) ? BETWEEN_DAYS : compared.op}
        disabled={readOnly}
        onChange={choose}
      />
      {!takesNoValue(compared.op) && (
        <div className="comparison-value" data-wide={days || undefined}>
          {looked ? (
            <Looked value={compared.value} change={put} />
          ) : (
            <ValueInput
              sort={valueSort(catalog.operators, compared.op)}
              value={compared.value}
              change={put}
              examples={examples}
            />
          )}
          {about === "enrollment" && references && <ReferenceMenu value={compared.value} change={put} />}
        </div>
      )}
    </>
  );
}

function choicesOf({ op }: Operator, label: string, ops: string[] | undefined, dates: string, filter?: boolean) {
  if (op !== "between") return [{ value: op, label }];
  const numbers = !ops?.includes("before");
  const days = !filter && (!ops || ops.includes("before"));
  return [
    ...(numbers ? [{ value: op, label }] : []),
    ...(days ? [{ value: BETWEEN_DAYS, label: `${label} (${dates})` }] : []),
  ];
}

const areDays = (value: unknown): boolean =>
  Array.isArray(value) && value.some((one) => typeof one === "string" && /^\d{4}-/.test(one));

function operate(chosen: string, value: unknown, operators: Operator[]): Compared {
  if (chosen === BETWEEN_DAYS) return { op: "between", value: areDays(value) ? value : [today(), today()] };
  if (isReference(value) && !takesNoValue(chosen)) return { op: chosen, value };
  const kept = valueFor(valueSort(operators, chosen), isReference(value) ? "" : value);
  return kept === undefined ? { op: chosen } : { op: chosen, value: kept };
}

const today = (): string => new Date().toISOString().slice(0, 10);

type ValueProps = {
  sort: ValueSort;
  value: unknown;
  change: (value: unknown) => void;
  examples?: Completion[];
};

function ValueInput({ sort, value, change, examples = [] }: ValueProps) {
  const { t } = useTranslation("rule");
  const { readOnly } = useForm();
  const shared = { disabled: readOnly, "aria-label": t("value"), placeholder: t("value") };
  if (sort === "list") {
    return (
      <ManyValues
        values={Array.isArray(value) ? value : []}
        placeholder={t("values")}
        offered={examples}
        change={change}
      />
    );
  }
  if (sort === "number" || sort === "days") {
    return (
      <InputNumber
        {...shared}
        className="wide"
        min={sort === "days" ? 1 : undefined}
        precision={sort === "days" ? 0 : undefined}
        suffix={sort === "days" ? t("days") : undefined}
        value={typeof value === "number" ? value : null}
        onChange={(next) => change(next ?? "")}
      />
    );
  }
  if (sort === "date") return <DayInput value={value} label={t("date")} change={(next) => change(next ?? "")} />;
  if (sort === "range") return <RangeInput value={value} change={change} />;
  return (
    <AutoComplete
      {...shared}
      className="wide"
      value={toTyped(value)}
      options={examples}
      showSearch={{ filterOption: (typed, option) => option!.value.toLowerCase().includes(typed.toLowerCase()) }}
      onChange={(typed: string | undefined) => change(fromTyped(typed ?? "", "never"))}
    />
  );
}

/** Two numbers, or two days; which of them, the values themselves tell. */
function RangeInput({ value, change }: { value: unknown; change: (value: unknown) => void }) {
  const { t } = useTranslation("rule");
  const { readOnly } = useForm();
  const pair: [unknown, unknown] = Array.isArray(value) ? [value[0] ?? "", value[1] ?? ""] : ["", ""];
  const put = (at: 0 | 1, one: unknown) => change(at === 0 ? [one ?? "", pair[1]] : [pair[0], one ?? ""]);
  const ends = [
    [0, t("from")],
    [1, t("to")],
  ] as const;
  return (
    <div className="range">
      {ends.map(([at, label]) =>
        areDays(value) ? (
          <DayInput key={at} value={pair[at]} label={label} change={(day) => put(at, day)} />
        ) : (
          <InputNumber
            key={at}
            aria-label={label}
            placeholder={label}
            disabled={readOnly}
            value={typeof pair[at] === "number" ? pair[at] : null}
            onChange={(number) => put(at, number)}
          />
        ),
      )}
    </div>
  );
}
