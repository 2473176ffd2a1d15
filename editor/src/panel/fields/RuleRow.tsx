/** One row of a rule: a comparison, what the customer did, or a group of rows; any of them can be turned around. */
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { isEvent, isGroup, isNot, type EventLeaf, type Leaf, type Rule } from "@/journey/rules";
import { useForm } from "../form";
import { ComparisonRow } from "./ComparisonRow";
import { Filters } from "./FiltersField";
import { NameInput } from "./names";
import { RemoveButton } from "./RemoveButton";
import { RuleGroup } from "./RuleField";

type Props = { rule: Rule; change: (rule: Rule) => void; remove: () => void; depth: number };

export function RuleRow({ rule, change, remove, depth }: Props) {
  const { t } = useTranslation("canvas");
  const { readOnly } = useForm();
  const turned = isNot(rule);
  const inner = turned ? rule.not : rule;
  const put = (next: Rule) => change(turned ? { not: next } : next);
  return (
    <div className="row rule-row">
      <div className="rule-row-body">
        <div className="rule-row-head">
          <span>{t(`rule.sort.${sortOf(inner)}`)}</span>
          <label className="rule-not">
            <input
              type="checkbox"
              checked={turned}
              disabled={readOnly}
              onChange={() => change(turned ? inner : { not: rule })}
            />
            {t("rule.not")}
          </label>
          <RemoveButton remove={remove} />
        </div>
        {isGroup(inner) ? (
          <RuleGroup rule={inner} change={put} depth={depth + 1} />
        ) : (
          <LeafInput leaf={inner as Leaf} change={put} />
        )}
      </div>
    </div>
  );
}

function sortOf(rule: Rule): "attribute" | "property" | "event" | "group" {
  if (isGroup(rule) || isNot(rule)) return "group";
  if (isEvent(rule)) return "event";
  return "attribute" in rule ? "attribute" : "property";
}

function LeafInput({ leaf, change }: { leaf: Leaf; change: (leaf: Leaf) => void }) {
  if (isEvent(leaf)) return <EventInput leaf={leaf} change={change} />;
  const sort = "attribute" in leaf ? "attribute" : "property";
  const name = "attribute" in leaf ? leaf.attribute : leaf.property;
  return (
    <ComparisonRow
      sort={sort}
      name={name}
      compared={leaf.value === undefined ? { op: leaf.op } : { op: leaf.op, value: leaf.value }}
      change={(next, compared) => change({ [sort]: next, ...compared } as Leaf)}
    />
  );
}

function EventInput({ leaf, change }: { leaf: EventLeaf; change: (leaf: Leaf) => void }) {
  const { t } = useTranslation("canvas");
  const { readOnly } = useForm();
  const did = [
    { value: "did", label: t("rule.did") },
    { value: "not", label: t("rule.didNot") },
  ];
  const since = [
    { value: "entry", label: t("rule.sinceEntry") },
    { value: "ever", label: t("rule.ever") },
  ];
  return (
    <div className="event-leaf">
      <div className="comparison">
        <Select
          aria-label={t("rule.did")}
          options={did}
          value={leaf.did ? "did" : "not"}
          disabled={readOnly}
          popupMatchSelectWidth={false}
          onChange={(next) => change({ ...leaf, did: next === "did" })}
        />
        <NameInput
          sort="event"
          value={leaf.event}
          label={t("fields.name.event")}
          change={(event) => change({ ...leaf, event })}
        />
        <Select
          aria-label={t("rule.since")}
          options={since}
          value={leaf.since}
          disabled={readOnly}
          popupMatchSelectWidth={false}
          onChange={(next) => change({ ...leaf, since: next })}
        />
      </div>
      <Filters
        filters={leaf.where ?? []}
        events={[leaf.event]}
        change={(where) => change(where.length ? { ...leaf, where } : withoutWhere(leaf))}
      />
    </div>
  );
}

function withoutWhere(leaf: EventLeaf): EventLeaf {
  return { event: leaf.event, did: leaf.did, since: leaf.since };
}
