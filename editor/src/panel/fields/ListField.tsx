/** A list of things with settings of their own – events to wait for, arms, changes – or one such thing. */
import PlusOutlined from "@ant-design/icons/es/icons/PlusOutlined";
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import { filledIn, newItem } from "@/journey/catalog";
import type { Settings, SettingSpec } from "@/journey/types";
import { FormContext, useForm, type FieldProps } from "../form";
import { SettingRows } from "../SettingRows";
import { RemoveButton } from "./RemoveButton";

export function ListField({ id, spec, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  const { readOnly } = useForm();
  const items = Array.isArray(value) ? (value as Settings[]) : [];
  const put = (index: number, item: Settings) => change(items.map((one, at) => (at === index ? item : one)));
  const full = typeof spec.max === "number" && items.length >= spec.max;
  return (
    <div className="setting-rows">
      {items.map((item, index) => (
        <Item
          key={String(item.id ?? index)}
          id={`${id}-${index}`}
          spec={spec}
          item={item}
          change={(next) => put(index, next)}
          remove={items.length > (spec.min ?? 0) ? () => change(items.filter((_, at) => at !== index)) : undefined}
        />
      ))}
      {!readOnly && !full && (
        <Button
          size="small"
          type="text"
          icon={<PlusOutlined />}
          onClick={() => change([...items, newItem(spec, items)])}
        >
          {t("addItem")}
        </Button>
      )}
    </div>
  );
}

/** One thing with settings of its own. */
export function ObjectField({ id, spec, value, change }: FieldProps) {
  const set = value && typeof value === "object" && !Array.isArray(value) ? (value as Settings) : {};
  const shown = filledIn(spec.fields ?? [], set);
  return (
    <div className="object">
      <SettingRows
        id={id}
        specs={spec.fields ?? []}
        values={shown}
        titled={spec.title.en}
        change={(name, next) => change({ ...set, [name]: next })}
        inner
      />
    </div>
  );
}

type ItemProps = {
  id: string;
  spec: SettingSpec;
  item: Settings;
  change: (item: Settings) => void;
  remove?: () => void;
};

function Item({ id, spec, item, change, remove }: ItemProps) {
  const form = useForm();
  const event = typeof item.event === "string" ? item.event : "";
  const shown = (spec.fields ?? []).filter(
    (field) => field.name !== "id" && !(field.name === "value" && item.action === "unset"),
  );
  return (
    <FormContext value={event ? { ...form, events: [event] } : form}>
      <div className="item">
        {remove && <RemoveButton remove={remove} />}
        <SettingRows
          id={id}
          specs={shown}
          values={filledIn(shown, item)}
          change={(name, value) => change({ ...item, [name]: value })}
          inner
        />
      </div>
    </FormContext>
  );
}
