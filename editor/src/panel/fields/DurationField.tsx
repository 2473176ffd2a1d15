/** A span of time: a whole number and a unit. An optional one can be without limit. */
import InputNumber from "antd/es/input-number";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { useCatalog } from "@/journey/store";
import type { Duration } from "@/journey/types";
import { say } from "@/journey/words";
import { useForm, type FieldProps } from "../form";

export function DurationField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("canvas");
  const { language, readOnly } = useForm();
  const { units } = useCatalog();
  const duration = (value ?? {}) as Partial<Duration>;
  const unit = duration.unit ?? "hours";
  const options = units.map((one) => ({ value: one.unit, label: say(one.many, language) }));
  return (
    <div className="duration">
      <InputNumber
        id={id}
        min={1}
        precision={0}
        value={duration.amount ?? null}
        disabled={readOnly}
        onChange={(amount) => change(amount === null ? undefined : { amount, unit })}
      />
      <Select
        aria-label={t("fields.unit")}
        options={options}
        value={unit}
        disabled={readOnly}
        onChange={(chosen: string) => change({ amount: duration.amount ?? 1, unit: chosen })}
      />
    </div>
  );
}
