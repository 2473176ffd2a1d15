/** The rule editor: rows joined by all or any, each an attribute, a property or an event, turned around by "not". */
import PlusOutlined from "@ant-design/icons/es/icons/PlusOutlined";
import Button from "antd/es/button";
import Dropdown from "antd/es/dropdown";
import Segmented from "antd/es/segmented";
import { useTranslation } from "react-i18next";
import { asGroup, fromGroup, newLeaf, type LeafSort, type Rule } from "@/journey/rules";
import { useForm, type FieldProps } from "../form";
import { RuleRow } from "./RuleRow";

export function RuleField({ value, change }: FieldProps) {
  return <RuleGroup rule={value} change={change} depth={0} />;
}

type GroupProps = { rule: unknown; change: (rule: Rule) => void; depth: number };

const DEEPEST = 2;

export function RuleGroup({ rule, change, depth }: GroupProps) {
  const { t } = useTranslation("canvas");
  const { readOnly } = useForm();
  const { mode, rows } = asGroup(rule);
  const put = (next: Rule[]) => change(fromGroup(mode, next));
  const kinds = [
    ...(["attribute", "property", "event"] as const).map((sort) => ({ key: sort, label: t(`rule.add.${sort}`) })),
    ...(depth < DEEPEST ? [{ key: "group", label: t("rule.add.group") }] : []),
  ];
  const add = (sort: string) =>
    put([...rows, sort === "group" ? { any: [newLeaf("attribute")] } : newLeaf(sort as LeafSort)]);
  return (
    <div className="rule-group" data-depth={depth}>
      {(rows.length > 1 || depth > 0) && (
        <Segmented
          size="small"
          aria-label={t("rule.mode")}
          disabled={readOnly}
          options={[
            { value: "all", label: t("rule.all") },
            { value: "any", label: t("rule.any") },
          ]}
          value={mode}
          onChange={(next) => change(fromGroup(next as "all" | "any", rows))}
        />
      )}
      {rows.map((row, index) => (
        <RuleRow
          key={index}
          rule={row}
          depth={depth}
          change={(next) => put(rows.map((one, at) => (at === index ? next : one)))}
          remove={() => put(rows.filter((_, at) => at !== index))}
        />
      ))}
      {!readOnly && (
        <Dropdown trigger={["click"]} menu={{ items: kinds, onClick: ({ key }) => add(key) }}>
          <Button size="small" type={rows.length ? "text" : "default"} icon={<PlusOutlined />} data-testid="rule-add">
            {t("rule.add.title")}
          </Button>
        </Dropdown>
      )}
    </div>
  );
}
