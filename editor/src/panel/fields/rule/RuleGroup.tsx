/** Rows joined by all or any, and the menu of what may be added to them. */
import PlusOutlined from "@ant-design/icons/es/icons/PlusOutlined";
import Button from "antd/es/button";
import Dropdown from "antd/es/dropdown";
import Segmented from "antd/es/segmented";
import { useTranslation } from "react-i18next";
import { asGroup, DEEPEST, fromGroup, newLeaf, type LeafSort, type Place, type Rule } from "@/journey/rules";
import { useForm, type Fault } from "../../form";
import { RuleRow } from "./RuleRow";

type Props = { rule: unknown; change: (rule: Rule) => void; place: Place; faults: Fault[] };

export function RuleGroup({ rule, change, place, faults }: Props) {
  const { t } = useTranslation("rule");
  const { readOnly } = useForm();
  const { mode, rows } = asGroup(rule);
  const put = (next: Rule[]) => change(fromGroup(mode, next));
  const nested = place.length > 0;
  return (
    <div className="rule-group" data-nested={nested || undefined}>
      {(rows.length > 1 || nested) && (
        <Segmented
          size="small"
          aria-label={t("mode")}
          disabled={readOnly}
          options={[
            { value: "all", label: t("all") },
            { value: "any", label: t("any") },
          ]}
          value={mode}
          onChange={(next) => change(fromGroup(next as "all" | "any", rows))}
        />
      )}
      {rows.map((row, index) => (
        <RuleRow
          key={index}
          rule={row}
          place={[...place, mode, index]}
          faults={faults}
          change={(next) => put(rows.map((one, at) => (at === index ? next : one)))}
          remove={() => put(rows.filter((_, at) => at !== index))}
        />
      ))}
      {!readOnly && <AddRow first={rows.length === 0} depth={place.length} add={(row) => put([...rows, row])} />}
    </div>
  );
}

const OF_CUSTOMER: LeafSort[] = ["attribute", "tag", "segment", "consent"];
const OF_BEHAVIOUR: LeafSort[] = ["event", "message", "journey"];
const OF_ENROLLMENT: LeafSort[] = ["property", "context"];

function AddRow({ first, depth, add }: { first: boolean; depth: number; add: (rule: Rule) => void }) {
  const { t } = useTranslation("rule");
  const { about } = useForm();
  const item = (key: LeafSort | "group") => ({
    key,
    label: <span data-testid={`rule-add-${key}`}>{t(`add.${key}`)}</span>,
  });
  const shelf = (key: string, sorts: LeafSort[]) => ({
    key,
    type: "group" as const,
    label: t(`shelf.${key}`),
    children: sorts.map(item),
  });
  const items = [
    shelf("customer", OF_CUSTOMER),
    shelf("behaviour", OF_BEHAVIOUR),
    ...(about === "enrollment" ? [shelf("enrollment", OF_ENROLLMENT)] : []),
    ...(depth < DEEPEST - 2 ? [{ type: "divider" as const }, item("group")] : []),
  ];
  const choose = (key: string) =>
    add(key === "group" ? { any: [newLeaf("attribute")] } : newLeaf(key as LeafSort, about));
  return (
    <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => choose(key), className: "rule-menu" }}>
      <Button size="small" type={first ? "default" : "text"} icon={<PlusOutlined />} data-testid="rule-add">
        {t("add.title")}
      </Button>
    </Dropdown>
  );
}
