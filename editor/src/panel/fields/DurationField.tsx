/** A span of time: a whole number and a unit. An optional one can be without limit. */
import InputNumber from "antd/es/input-number";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import type { Duration } from "@/journey/types";
import { say } from "@/journey/words";
import { useForm, type FieldProps } from "../form";

const NO_LIMIT = "none";

export function DurationField({ id, spec, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  const { language, readOnly, catalog } = useForm();
  const duration = (value ?? {}) as Partial<Duration>;
  const optional = Boolean(spec.optional) || (!spec.required && spec.default === undefined);
  const limitless = optional && (value === null || value === undefined);
  const unit = limitless ? NO_LIMIT : (duration.unit ?? "hours");
  const options = catalog.units.map((one) => ({ value: one.unit, label: say(one.many, language) }));
  const choose = (chosen: string) =>
    change(chosen === NO_LIMIT ? null : { amount: duration.amount ?? 1, unit: chosen });
  return (
    <div className="duration">
      <InputNumber
        id={id}
        min={1}
        precision={0}
        value={duration.amount ?? null}
        disabled={readOnly || limitless}
        onChange={(amount) => change(amount === null ? undefined : { amount, unit })}
      />
      <Select
        aria-label={t("unit")}
        options={optional ? [...options, { value: NO_LIMIT, label: t("noLimit") }] : options}
        value={unit}
        disabled={readOnly}
        onChange={choose}
      />
    </div>
  );
}
