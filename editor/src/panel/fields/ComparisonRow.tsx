/** One comparison in a row: what is read, how it is compared, with what. */
import Input from "antd/es/input";
import InputNumber from "antd/es/input-number";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { takesNoValue } from "@/journey/rules";
import { useCatalog } from "@/journey/store";
import { say } from "@/journey/words";
import { useForm } from "../form";
import { fromTyped, isOrdered, toTyped, valueFor } from "../value";
import { NameInput } from "./names";

type Compared = { op: string; value?: unknown };
type Props = {
  sort: "attribute" | "property";
  name: string;
  compared: Compared;
  events?: string[];
  change: (name: string, compared: Compared) => void;
};

export function ComparisonRow({ sort, name, compared, events, change }: Props) {
  const { t } = useTranslation("canvas");
  const { language, readOnly } = useForm();
  const { operators } = useCatalog();
  const options = operators.map((one) => ({ value: one.op, label: say(one.title, language) }));
  const chooseOp = (op: string) => change(name, withValue(op, valueFor(op, compared.value)));
  return (
    <div className="comparison">
      <NameInput
        sort={sort}
        value={name}
        events={events}
        label={t(`fields.name.${sort}`)}
        change={(next) => change(next, compared)}
      />
      <Select
        aria-label={t("fields.op")}
        className="comparison-op"
        popupMatchSelectWidth={false}
        options={options}
        value={compared.op}
        disabled={readOnly}
        onChange={chooseOp}
      />
      {!takesNoValue(compared.op) && (
        <ValueInput compared={compared} change={(value) => change(name, { op: compared.op, value })} />
      )}
    </div>
  );
}

const withValue = (op: string, value: unknown): Compared => (value === undefined ? { op } : { op, value });

function ValueInput({ compared, change }: { compared: Compared; change: (value: unknown) => void }) {
  const { t } = useTranslation("canvas");
  const { readOnly } = useForm();
  const { op, value } = compared;
  const shared = { disabled: readOnly, "aria-label": t("fields.value"), placeholder: t("fields.value") };
  if (op === "one_of") {
    const values = Array.isArray(value) ? value.map(String) : [];
    return (
      <Select
        {...shared}
        mode="tags"
        className="wide"
        value={values}
        open={false}
        suffixIcon={null}
        onChange={change}
      />
    );
  }
  if (isOrdered(op)) {
    const number = typeof value === "number" ? value : null;
    return <InputNumber {...shared} className="wide" value={number} onChange={(next) => change(next ?? "")} />;
  }
  return (
    <Input {...shared} value={toTyped(value)} onChange={(event) => change(fromTyped(event.target.value, "never"))} />
  );
}
