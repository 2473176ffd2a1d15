/** Fields of one control: text, number, amount, switch, choice, address. */
import Input from "antd/es/input";
import InputNumber from "antd/es/input-number";
import Segmented from "antd/es/segmented";
import Select from "antd/es/select";
import Switch from "antd/es/switch";
import { say } from "@/journey/words";
import { useForm, type FieldProps } from "../form";
import { fromTyped, toTyped } from "../value";

const text = (value: unknown) => (typeof value === "string" ? value : toTyped(value));

export function TextField({ id, spec, value, change }: FieldProps) {
  return (
    <Input
      id={id}
      value={text(value)}
      maxLength={spec.max_length ?? undefined}
      disabled={useForm().readOnly}
      onChange={(event) => change(event.target.value)}
    />
  );
}

export function LongTextField({ id, spec, value, change }: FieldProps) {
  return (
    <Input.TextArea
      id={id}
      value={text(value)}
      maxLength={spec.max_length ?? undefined}
      autoSize={{ minRows: 3, maxRows: 12 }}
      disabled={useForm().readOnly}
      onChange={(event) => change(event.target.value)}
    />
  );
}

export function UrlField({ id, value, change }: FieldProps) {
  return (
    <Input
      id={id}
      type="url"
      inputMode="url"
      placeholder="https://"
      value={text(value)}
      disabled={useForm().readOnly}
      onChange={(event) => change(event.target.value.trim())}
    />
  );
}

export function NumberField({ id, spec, value, change }: FieldProps) {
  return (
    <InputNumber
      id={id}
      value={typeof value === "number" ? value : null}
      min={spec.min ?? undefined}
      max={spec.max ?? undefined}
      disabled={useForm().readOnly}
      onChange={(number) => change(number ?? (spec.required ? undefined : null))}
    />
  );
}

/** A number with decimals; where amounts are kept as text, so that no cent is lost, it stays text. */
export function DecimalField({ id, spec, value, change }: FieldProps) {
  const asText = typeof (value ?? spec.default) === "string";
  return (
    <InputNumber
      id={id}
      stringMode={asText}
      value={value === undefined || value === "" ? null : (value as string | number | null)}
      min={spec.min ?? undefined}
      max={spec.max ?? undefined}
      disabled={useForm().readOnly}
      onChange={(number) => change(number ?? (spec.required ? undefined : null))}
    />
  );
}

export function AnyField({ id, value, change }: FieldProps) {
  return (
    <Input
      id={id}
      value={toTyped(value)}
      disabled={useForm().readOnly}
      onChange={(event) => change(fromTyped(event.target.value, "short"))}
    />
  );
}

export function BooleanField({ id, value, change }: FieldProps) {
  return <Switch id={id} checked={value === true} disabled={useForm().readOnly} onChange={change} />;
}

const FEW = 3;
const SHORT = 30;
/** About how wide words are: a Chinese character is as wide as two letters. */
const widthOf = (words: string) => [...words].reduce((width, letter) => width + (letter > "\u2e80" ? 2 : 1), 0);

export function ChoiceField({ id, spec, value, change }: FieldProps) {
  const { language, readOnly } = useForm();
  const options = (spec.choices ?? []).map((one) => ({ value: one.value, label: say(one.title, language) }));
  if (options.length <= FEW && options.every((one) => widthOf(one.label) <= SHORT / options.length)) {
    return <Segmented id={id} block options={options} value={value as string} disabled={readOnly} onChange={change} />;
  }
  return (
    <Select id={id} className="wide" options={options} value={value as string} disabled={readOnly} onChange={change} />
  );
}
