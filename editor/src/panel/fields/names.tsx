/** Fields that name an event, a property or an attribute: any name may be typed, those seen in real data are offered. */
import AutoComplete from "antd/es/auto-complete";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { useCompletions, useForm, type FieldProps } from "../form";

type Sort = "event" | "property" | "attribute";

type NameInputProps = {
  id?: string;
  sort: Sort;
  value: string;
  change: (value: string) => void;
  label?: string;
  events?: string[];
};

export function NameInput({ id, sort, value, change, label, events }: NameInputProps) {
  const { t } = useTranslation("canvas");
  const form = useForm();
  const options = useCompletions(sort, events ?? form.events);
  return (
    <AutoComplete
      id={id}
      className="wide"
      aria-label={label}
      value={value}
      options={options}
      disabled={form.readOnly}
      placeholder={t(`fields.name.${sort}`)}
      showSearch={{ filterOption: (typed, option) => option!.value.toLowerCase().includes(typed.toLowerCase()) }}
      onChange={(next: string | undefined) => change(next ?? "")}
    />
  );
}

const string = (value: unknown) => (typeof value === "string" ? value : "");

export const EventNameField = ({ id, value, change }: FieldProps) => (
  <NameInput id={id} sort="event" value={string(value)} change={change} />
);
export const PropertyField = ({ id, value, change }: FieldProps) => (
  <NameInput id={id} sort="property" value={string(value)} change={change} />
);
export const AttributeField = ({ id, value, change }: FieldProps) => (
  <NameInput id={id} sort="attribute" value={string(value)} change={change} />
);

export function EventNamesField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("canvas");
  const { readOnly } = useForm();
  const options = useCompletions("event");
  return (
    <Select
      id={id}
      className="wide"
      mode="tags"
      value={Array.isArray(value) ? (value as string[]) : []}
      options={options}
      disabled={readOnly}
      placeholder={t("fields.name.events")}
      tokenSeparators={[",", "，", "、"]}
      onChange={(names: string[]) => change(names.map((name) => name.trim()).filter(Boolean))}
    />
  );
}
