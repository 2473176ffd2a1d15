/** Where a value comes from: written here, an attribute of the customer, the event that started it, the context. */
import Input from "antd/es/input";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { useForm, type FieldProps } from "../form";
import { fromTyped, toTyped } from "../value";
import { NameInput } from "./names";

export type From = "value" | "attribute" | "property" | "context";
const READ: From[] = ["attribute", "property", "context"];

/** The sort of a stored value: an object with one of these keys is looked up, all else means itself. */
export function fromOf(value: unknown, otherwise: From): From {
  const looked = typeof value === "object" && value !== null ? READ.find((one) => one in value) : undefined;
  return looked ?? otherwise;
}

export function SourceField(props: FieldProps) {
  return <From {...props} offered={READ} otherwise="attribute" />;
}

export function ValueFromField(props: FieldProps) {
  return <From {...props} offered={["value", ...READ]} otherwise="value" />;
}

function From({ id, value, change, offered, otherwise }: FieldProps & { offered: From[]; otherwise: From }) {
  const { t } = useTranslation("fields");
  const { readOnly } = useForm();
  const from = fromOf(value, otherwise);
  const name = from === "value" ? "" : String((value as Record<string, unknown> | null)?.[from] ?? "");
  return (
    <div className="source">
      <Select
        aria-label={t("from.title")}
        popupMatchSelectWidth={false}
        options={offered.map((one) => ({ value: one, label: t(`from.${one}`) }))}
        value={from}
        disabled={readOnly}
        onChange={(next: From) => change(next === "value" ? "" : { [next]: "" })}
      />
      {from === "value" ? (
        <Input
          id={id}
          value={toTyped(value)}
          disabled={readOnly}
          onChange={(event) => change(fromTyped(event.target.value, "short"))}
        />
      ) : (
        <NameInput id={id} sort={from} value={name} change={(next) => change({ [from]: next })} />
      )}
    </div>
  );
}
