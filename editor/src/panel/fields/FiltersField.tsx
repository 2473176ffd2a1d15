/** Filters on an event: rows that must all hold. */
import PlusOutlined from "@ant-design/icons/es/icons/PlusOutlined";
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import type { Filter } from "@/journey/rules";
import { useForm, type FieldProps } from "../form";
import { Comparison } from "./rule/Comparison";
import { RemoveButton } from "./RemoveButton";

export function FiltersField({ spec, value, change }: FieldProps) {
  const filters = Array.isArray(value) ? (value as Filter[]) : [];
  return <Filters filters={filters} change={change} references={Boolean(spec.references)} />;
}

type Props = { filters: Filter[]; change: (filters: Filter[]) => void; events?: string[]; references?: boolean };

export function Filters({ filters, change, events, references }: Props) {
  const { t } = useTranslation("fields");
  const { readOnly } = useForm();
  const put = (index: number, filter: Filter) => change(filters.map((one, at) => (at === index ? filter : one)));
  return (
    <div className="setting-rows">
      {filters.map((filter, index) => (
        <div key={index} className="row">
          <Comparison
            filter
            references={references}
            sort="property"
            name={filter.property}
            compared={withoutName(filter)}
            events={events}
            change={(property, compared) => put(index, { property, ...compared })}
          />
          <RemoveButton remove={() => change(filters.filter((_, at) => at !== index))} />
        </div>
      ))}
      {!readOnly && (
        <Button
          size="small"
          type="text"
          icon={<PlusOutlined />}
          onClick={() => change([...filters, { property: "", op: "is", value: "" }])}
        >
          {t("addFilter")}
        </Button>
      )}
    </div>
  );
}

function withoutName({ op, value }: Filter): { op: string; value?: unknown } {
  return value === undefined ? { op } : { op, value };
}
