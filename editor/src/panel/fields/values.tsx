/** Fields of several values: constants to compare with, addresses to write to. */
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { useForm, type Completion, type FieldProps } from "../form";
import { fromTyped, toTyped } from "../value";

type Props = {
  id?: string;
  values: unknown[];
  change: (values: string[]) => void;
  placeholder: string;
  offered?: Completion[];
};

/** Type one and press Enter, or paste several with commas between them. */
export function ManyValues({ id, values, change, placeholder, offered = [] }: Props) {
  const { readOnly } = useForm();
  return (
    <Select
      id={id}
      className="wide"
      mode="tags"
      aria-label={placeholder}
      placeholder={placeholder}
      value={values.map(toTyped)}
      options={offered}
      open={offered.length ? undefined : false}
      suffixIcon={null}
      tokenSeparators={[",", "，", "、"]}
      disabled={readOnly}
      onChange={(typed: string[]) => change(typed.map((one) => one.trim()).filter(Boolean))}
    />
  );
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export function ValuesField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  return (
    <ManyValues
      id={id}
      values={list(value)}
      placeholder={t("values")}
      change={(typed) => change(typed.map((one) => fromTyped(one, "short")))}
    />
  );
}

export function AddressesField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  return <ManyValues id={id} values={list(value)} placeholder={t("addresses")} change={change} />;
}
