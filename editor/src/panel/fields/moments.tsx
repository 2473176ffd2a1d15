/** Fields of time: a time of day, a date, weekdays, a time zone. */
import Input from "antd/es/input";
import Select from "antd/es/select";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { dayName, WEEKDAYS } from "@/journey/sentences";
import { useForm, type FieldProps } from "../form";
import { readTime } from "../moments";

const Calendar = lazy(() => import("./Calendar"));

const string = (value: unknown) => (typeof value === "string" ? value : "");

/** A time of day in 24 hours, however it is typed: 7:30, 0730, 7. */
export function TimeField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  const [typed, setTyped] = useState<string | null>(null);
  const finish = () => {
    if (typed !== null) change(typed.trim() === "" ? null : (readTime(typed) ?? string(value)));
    setTyped(null);
  };
  return (
    <Input
      id={id}
      className="time"
      inputMode="numeric"
      placeholder={t("time")}
      value={typed ?? string(value)}
      status={typed && !readTime(typed) ? "warning" : undefined}
      maxLength={5}
      disabled={useForm().readOnly}
      onChange={(event) => {
        setTyped(event.target.value);
        const time = readTime(event.target.value);
        if (time && event.target.value.length === 5) change(time);
      }}
      onBlur={finish}
      onPressEnter={finish}
    />
  );
}

type DayInputProps = {
  id?: string;
  value: unknown;
  change: (value: string | null) => void;
  label?: string;
  clock?: boolean;
};

/** A day, or a day with a time, from the calendar or typed. The calendar is loaded when one is first shown. */
export function DayInput({ id, value, change, label, clock }: DayInputProps) {
  const { readOnly } = useForm();
  return (
    <Suspense fallback={<Input id={id} aria-label={label} value={string(value)} disabled />}>
      <Calendar id={id} label={label} value={string(value)} clock={clock} disabled={readOnly} change={change} />
    </Suspense>
  );
}

export const DateField = ({ id, value, change }: FieldProps) => <DayInput id={id} value={value} change={change} />;
export const DateTimeField = ({ id, value, change }: FieldProps) => (
  <DayInput id={id} value={value} change={change} clock />
);

/** One press a day; several may be on. */
export function WeekdaysField({ id, value, change }: FieldProps) {
  const { language, readOnly } = useForm();
  const chosen = Array.isArray(value) ? (value as string[]) : [];
  const toggle = (day: string) =>
    change(WEEKDAYS.filter((one) => (one === day ? !chosen.includes(day) : chosen.includes(one))));
  return (
    <div className="weekdays" role="group" id={id}>
      {WEEKDAYS.map((day) => (
        <button
          key={day}
          type="button"
          aria-pressed={chosen.includes(day)}
          disabled={readOnly}
          onClick={() => toggle(day)}
        >
          {dayName(day, language)}
        </button>
      ))}
    </div>
  );
}

/** A named zone, or the customer's own. */
export function ZoneField({ id, spec, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  const { readOnly } = useForm();
  const options = useMemo(
    () => [
      ...(spec.required ? [] : [{ value: "", label: t("zoneOfCustomer") }]),
      ...Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") })),
    ],
    [spec.required, t],
  );
  return (
    <Select
      id={id}
      className="wide"
      showSearch={{ optionFilterProp: "label" }}
      placeholder={t("choose.zone")}
      options={options}
      value={value === null || value === undefined ? (spec.required ? undefined : "") : String(value)}
      disabled={readOnly}
      onChange={change}
    />
  );
}
