/** Offers the values a template can carry: attributes of the customer, properties of the event that started it. */
import Button from "antd/es/button";
import Dropdown from "antd/es/dropdown";
import { useTranslation } from "react-i18next";
import { useCompletions, useForm } from "../form";

const MOST = 12;

export function VariableMenu({ insert }: { insert: (variable: string) => void }) {
  const { t } = useTranslation("canvas");
  const { events } = useForm();
  const attributes = useCompletions("attribute").slice(0, MOST);
  const properties = useCompletions("property", events).slice(0, MOST);
  const group = (key: string, label: string, names: { value: string }[]) => ({
    key,
    label,
    type: "group" as const,
    children: names.map(({ value }) => ({ key: `${key}${path(value)}`, label: value })),
  });
  const items = [
    group("customer", t("variables.customer"), attributes),
    group("event", t("variables.event"), properties),
  ];
  const known = items.filter((one) => one.children.length > 0);
  if (known.length === 0) return null;
  return (
    <Dropdown trigger={["click"]} menu={{ items: known, onClick: ({ key }) => insert(key), style: { maxHeight: 320 } }}>
      <Button size="small" type="text" className="variables">
        {t("variables.insert")}
      </Button>
    </Dropdown>
  );
}

/** Liquid reads plain names with a dot and all others in brackets. */
function path(name: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(name) ? `.${name}` : `["${name.replaceAll('"', "")}"]`;
}
