/** One row of a rule: a leaf of some sort or a group of rows; any of them can be turned around. */
import { useTranslation } from "react-i18next";
import {
  isGroup,
  isNot,
  leafSort,
  missingIn,
  type AttributeLeaf,
  type ConsentLeaf,
  type EventLeaf,
  type JourneyLeaf,
  type Leaf,
  type MessageLeaf,
  type Place,
  type Rule,
  type SegmentLeaf,
  type TagLeaf,
} from "@/journey/rules";
import { useForm, type Fault } from "../../form";
import { RemoveButton } from "../RemoveButton";
import { Comparison } from "./Comparison";
import { EventInput } from "./EventInput";
import { RuleGroup } from "./RuleGroup";
import { ConsentInput, JourneyInput, MessageInput, SegmentInput, TagInput } from "./standing";

type Props = {
  rule: Rule;
  change: (rule: Rule) => void;
  remove: () => void;
  place: Place;
  faults: Fault[];
};

export function RuleRow({ rule, change, remove, place, faults }: Props) {
  const { t } = useTranslation("rule");
  const { readOnly } = useForm();
  const turned = isNot(rule);
  const inner = turned ? rule.not : rule;
  const here = turned ? [...place, "not"] : place;
  const put = (next: Rule) => change(turned ? { not: next } : next);
  const sort = isGroup(inner) || isNot(inner) ? "group" : leafSort(inner);
  return (
    <div className="row rule-row" data-sort={sort}>
      <div className="rule-row-body">
        <div className="rule-row-head">
          <span>{t(`sort.${sort}`)}</span>
          <label className="rule-not">
            <input
              type="checkbox"
              checked={turned}
              disabled={readOnly}
              onChange={() => change(turned ? inner : { not: rule })}
            />
            {t("not")}
          </label>
          <RemoveButton remove={remove} />
        </div>
        {isGroup(inner) ? (
          <RuleGroup rule={inner} change={put} place={here} faults={faults} />
        ) : (
          <LeafInput leaf={inner as Leaf} change={put} />
        )}
        <Said leaf={sort === "group" ? null : (inner as Leaf)} place={here} faults={faults} />
      </div>
    </div>
  );
}

/** What is wrong with this very leaf: the engine's word about it, else what it still lacks. */
function Said({ leaf, place, faults }: { leaf: Leaf | null; place: Place; faults: Fault[] }) {
  const { t } = useTranslation("rule");
  const fault = faults.find((one) => isAt(one.path, place, leaf !== null));
  const missing = leaf && missingIn(leaf);
  if (fault) {
    return (
      <p className="setting-problem" role="alert">
        {fault.text}
      </p>
    );
  }
  return missing ? <p className="rule-missing">{t(`missing.${missing}`)}</p> : null;
}

/** A fault inside a leaf (in one of its filters) is the leaf's; one inside a group belongs to the row it is in. */
const isAt = (path: Place, place: Place, leaf: boolean): boolean =>
  place.every((one, at) => path[at] === one) && (leaf || path.length === place.length);

type LeafProps = { leaf: Leaf; change: (leaf: Leaf) => void };

function LeafInput({ leaf, change }: LeafProps) {
  const sort = leafSort(leaf);
  switch (sort) {
    case "event":
      return <EventInput leaf={leaf as EventLeaf} change={change} />;
    case "tag":
      return <TagInput leaf={leaf as TagLeaf} change={change} />;
    case "segment":
      return <SegmentInput leaf={leaf as SegmentLeaf} change={change} />;
    case "consent":
      return <ConsentInput leaf={leaf as ConsentLeaf} change={change} />;
    case "journey":
      return <JourneyInput leaf={leaf as JourneyLeaf} change={change} />;
    case "message":
      return <MessageInput leaf={leaf as MessageLeaf} change={change} />;
    default:
      return <Compare sort={sort} leaf={leaf} change={change} />;
  }
}

function Compare({ sort, leaf, change }: LeafProps & { sort: "attribute" | "property" | "context" }) {
  const { op, value } = leaf as AttributeLeaf;
  return (
    <Comparison
      sort={sort}
      name={String((leaf as Record<string, unknown>)[sort] ?? "")}
      compared={value === undefined ? { op } : { op, value }}
      change={(name, compared) => change({ [sort]: name, ...compared } as Leaf)}
    />
  );
}
