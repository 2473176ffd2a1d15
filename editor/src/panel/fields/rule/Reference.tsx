/** A value that is looked up when the rule is judged: a variable of the context, a property of the starting event. */
import LinkOutlined from "@ant-design/icons/es/icons/LinkOutlined";
import Dropdown from "antd/es/dropdown";
import { useTranslation } from "react-i18next";
import { isReference, type Reference } from "@/journey/rules";
import { useForm } from "../../form";
import { NameInput } from "../names";

type Props = { value: unknown; change: (value: unknown) => void };

export function Looked({ value, change }: Props) {
  const { t } = useTranslation("rule");
  const sort = "context" in (value as Reference) ? "context" : "property";
  return (
    <NameInput
      sort={sort}
      label={t(`reference.${sort}`)}
      value={(value as Record<string, string>)[sort] ?? ""}
      change={(name) => change({ [sort]: name })}
    />
  );
}

/** Chooses between a written value and a looked-up one; shown as a small button beside the value. */
export function ReferenceMenu({ value, change }: Props) {
  const { t } = useTranslation("rule");
  const { readOnly } = useForm();
  if (readOnly) return null;
  const items = (["value", "context", "property"] as const).map((key) => ({ key, label: t(`reference.${key}`) }));
  const now = isReference(value) ? ("context" in value ? "context" : "property") : "value";
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items,
        selectedKeys: [now],
        onClick: ({ key }) => key !== now && change(key === "value" ? "" : { [key]: "" }),
      }}
    >
      <button
        type="button"
        className="icon-button reference"
        data-on={now !== "value" || undefined}
        aria-label={t("reference.title")}
        title={t("reference.title")}
      >
        <LinkOutlined />
      </button>
    </Dropdown>
  );
}
