/** Fields that name an event, a property, an attribute, a tag: any name may be typed, those seen in real data are offered. */
import AutoComplete from "antd/es/auto-complete";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { useCompletions, useForm, type CompletionSort, type FieldProps } from "../form";

type NameInputProps = {
  id?: string;
  sort: CompletionSort;
  value: string;
  change: (value: string) => void;
  label?: string;
  events?: string[];
};

export function NameInput({ id, sort, value, change, label, events }: NameInputProps) {
  const { t } = useTranslation("fields");
  const form = useForm();
  const options = useCompletions(sort, events ?? form.events);
  return (
    <AutoComplete
      id={id}
      className="wide"
      aria-label={label ?? t(`name.${sort}`)}
      value={value}
      options={options}
      disabled={form.readOnly}
      placeholder={t(`name.${sort}`)}
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
export const TagField = ({ id, value, change }: FieldProps) => (
  <NameInput id={id} sort="tag" value={string(value)} change={change} />
);
export const VariableField = ({ id, value, change }: FieldProps) => (
  <NameInput id={id} sort="context" value={string(value)} change={change} />
);

export const EventNamesField = (props: FieldProps) => <NamesInput {...props} sort="event" />;
export const TagsField = (props: FieldProps) => <NamesInput {...props} sort="tag" />;

const SEPARATORS = [",", "，", "、"];

function NamesInput({ id, value, change, sort }: FieldProps & { sort: "event" | "tag" }) {
  const { t } = useTranslation("fields");
  const { readOnly } = useForm();
  const options = useCompletions(sort);
  return (
    <Select
      id={id}
      className="wide"
      mode="tags"
      value={Array.isArray(value) ? (value as string[]) : []}
      options={options}
      disabled={readOnly}
      placeholder={t(sort === "event" ? "name.events" : "name.tags")}
      tokenSeparators={SEPARATORS}
      onChange={(names: string[]) => change(names.map((name) => name.trim()).filter(Boolean))}
    />
  );
}
