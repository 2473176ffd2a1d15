/** Fields that choose one of the things the workspace has: an account, a segment, a journey, a pool, a node, a goal. */
import Select from "antd/es/select";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { usePoolNames } from "@/api/coupons";
import { useAccounts, useJourneys } from "@/api/queries";
import { useSegmentNames } from "@/api/segments";
import { useFormat } from "@/app/format";
import { listItems } from "@/journey/catalog";
import { useNodesOf, type NodeChoice } from "@/journey/names";
import { graphOf, useEditor } from "@/journey/store";
import { useForm, type FieldProps } from "../form";

type Option = { value: string; label: string; hint?: string };
type ChooserProps = {
  id?: string;
  value: unknown;
  change: (value: string) => void;
  options: Option[];
  placeholder: string;
  loading?: boolean;
  empty?: ReactNode;
};

/** A choice by name. What is chosen and no longer there stays visible, as its id. */
export function Chooser({ id, value, change, options, placeholder, loading, empty }: ChooserProps) {
  const { readOnly } = useForm();
  const chosen = typeof value === "string" && value ? value : undefined;
  const known = chosen === undefined || loading || options.some((one) => one.value === chosen);
  return (
    <Select
      id={id}
      className="wide"
      aria-label={placeholder}
      placeholder={placeholder}
      popupMatchSelectWidth={false}
      status={known ? undefined : "warning"}
      loading={loading}
      showSearch={{ optionFilterProp: "label" }}
      options={known ? options : [...options, { value: chosen!, label: chosen! }]}
      optionRender={({ data }) => (
        <span className="choice">
          {data.label}
          {data.hint && <small>{data.hint}</small>}
        </span>
      )}
      notFoundContent={empty}
      value={chosen}
      disabled={readOnly}
      onChange={change}
    />
  );
}

export function AccountField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  const accounts = useAccounts().data?.items ?? [];
  const options = [
    { value: "", label: t("defaultAccount") },
    ...accounts.map((one) => ({ value: one.id, label: one.name })),
  ];
  return (
    <Select
      id={id}
      className="wide"
      options={options}
      value={typeof value === "string" ? value : ""}
      disabled={useForm().readOnly}
      onChange={change}
    />
  );
}

export function SegmentChooser({ id, value, change }: Pick<FieldProps, "value" | "change"> & { id?: string }) {
  const { t } = useTranslation("fields");
  const { number } = useFormat();
  const segments = useSegmentNames();
  const options = (segments.data?.items ?? []).map((one) => ({
    value: one.id,
    label: one.name,
    hint: t("customers", { count: one.size ?? 0, n: number(one.size ?? 0) }),
  }));
  return (
    <Chooser
      id={id}
      value={value}
      change={change}
      options={options}
      loading={segments.isPending}
      placeholder={t("choose.segment")}
      empty={t("none.segment")}
    />
  );
}
export const SegmentField = SegmentChooser;

type JourneyChooserProps = Pick<FieldProps, "value" | "change"> & { id?: string; any?: string };

/** One of the workspace's journeys; `any` is what choosing none of them is called. */
export function JourneyChooser({ id, value, change, any }: JourneyChooserProps) {
  const { t } = useTranslation("fields");
  const journeys = useJourneys();
  const known = (journeys.data?.items ?? []).map((one) => ({
    value: one.id,
    label: one.name,
    hint: t(`words:status.${one.status}`),
  }));
  const options = any ? [{ value: ANY, label: any }, ...known] : known;
  return (
    <Chooser
      id={id}
      value={any && !value ? ANY : value}
      change={(next) => change(next === ANY ? "" : next)}
      options={options}
      loading={journeys.isPending}
      placeholder={t("choose.journey")}
      empty={t("none.journey")}
    />
  );
}
const ANY = "any";
export const JourneyField = ({ id, value, change }: FieldProps) => (
  <JourneyChooser id={id} value={value} change={change} />
);

export function CouponPoolField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  const { number } = useFormat();
  const pools = usePoolNames();
  const options = (pools.data?.items ?? []).map((one) => ({
    value: one.id,
    label: one.name,
    hint: t("codesLeft", { count: one.left, n: number(one.left) }),
  }));
  return (
    <Chooser
      id={id}
      value={value}
      change={change}
      options={options}
      loading={pools.isPending}
      placeholder={t("choose.coupon_pool")}
      empty={t("none.coupon_pool")}
    />
  );
}

type NodeChooserProps = Pick<FieldProps, "value" | "change"> & {
  id?: string;
  /** The journey whose nodes are offered; none is the open one. */
  journey?: string;
  any?: string;
  wanted?: (node: NodeChoice) => boolean;
};

export function NodeChooser({ id, value, change, journey, any, wanted }: NodeChooserProps) {
  const { t } = useTranslation("fields");
  const nodes = useNodesOf(journey);
  const known = (wanted ? nodes.items.filter(wanted) : nodes.items).map((one) => ({
    value: one.id,
    label: one.title,
    hint: one.sentence,
  }));
  return (
    <Chooser
      id={id}
      value={any && !value ? ANY : value}
      change={(next) => change(next === ANY ? "" : next)}
      options={any ? [{ value: ANY, label: any }, ...known] : known}
      loading={nodes.pending}
      placeholder={t("choose.node")}
      empty={t("none.node")}
    />
  );
}

export function NodeField({ id, spec, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  return <NodeChooser id={id} value={value} change={change} any={spec.required ? undefined : t("noNode")} />;
}

export function GoalField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  const goals = useEditor((state) => graphOf(state).settings);
  const options = listItems(goals, "goals").map((one) => ({
    value: String(one.id),
    label: String(one.name || one.event || one.id),
  }));
  return (
    <Chooser
      id={id}
      value={value}
      change={change}
      options={options}
      placeholder={t("choose.goal")}
      empty={t("none.goal")}
    />
  );
}
