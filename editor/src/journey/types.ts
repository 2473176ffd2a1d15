/** The nouns the editor works with: the graph document, the catalog of kinds, problems and counts. */

export type Language = "en" | "zh";
export type Text = { en: string; zh: string };
export type Settings = Record<string, unknown>;
export type Point = { x: number; y: number };

export type GraphNode = {
  id: string;
  kind: string;
  settings: Settings;
  position: Point;
  disabled?: boolean;
  note?: string;
};

/** One exit leads to at most one node, so `from` and `exit` name an edge. */
export type GraphEdge = { from: string; exit: string; to: string };

export type JourneySettings = Settings;

export type Graph = { settings: JourneySettings; nodes: GraphNode[]; edges: GraphEdge[] };

export type SettingType =
  | "account"
  | "addresses"
  | "any"
  | "attribute"
  | "boolean"
  | "choice"
  | "coupon_pool"
  | "cron"
  | "date"
  | "datetime"
  | "decimal"
  | "duration"
  | "event_name"
  | "event_names"
  | "filters"
  | "goal"
  | "journey"
  | "json_template"
  | "list"
  | "long_text"
  | "node"
  | "number"
  | "object"
  | "property"
  | "rule"
  | "segment"
  | "source"
  | "tag"
  | "tags"
  | "template"
  | "text"
  | "time"
  | "url"
  | "value_from"
  | "values"
  | "variable"
  | "weekdays"
  | "zone";

export type Choice = { value: string | number | null; title: Text };

export type SettingSpec = {
  name: string;
  type: SettingType;
  title: Text;
  help?: Text | null;
  required?: boolean;
  /** May be left empty on purpose: null, which means "none" or "no limit". */
  optional?: boolean;
  default?: unknown;
  min?: number | null;
  max?: number | null;
  max_length?: number | null;
  choices?: Choice[] | null;
  fields?: SettingSpec[] | null;
  completes?: string | null;
  secret?: boolean | null;
  /** Shown only while another setting beside it has one of these values. */
  only_when?: Record<string, unknown[]> | null;
  /** What a rule may read: a customer alone, or everything an enrollment knows. */
  about?: "customer" | "enrollment" | null;
  /** Filters here may compare with what the journey remembers or with the event that started it. */
  references?: boolean | null;
};

export type Sense = "neutral" | "yes" | "no" | "timeout" | "failed" | "skipped";
/** `when` names a setting: the exit is there only while that one is filled in. */
export type FixedExit = { id: string; title: Text; sense: Sense; required: boolean; when?: string | null };
export type EachExit = { each: string; sense: Sense; required: boolean };

export type Kind = {
  kind: string;
  role: "node" | "trigger";
  title: Text;
  help: Text;
  icon: string;
  shelf: string;
  sentence: Text;
  /** The sentence by the value of a choice, where one is not enough. */
  sentences?: { setting: string; of: Record<string, Text> } | null;
  exits: (FixedExit | EachExit)[];
  settings: SettingSpec[];
};

/** A comparison of the rule language, and a unit of time, in the engine's own words. */
export type ValueSort = "any" | "list" | "text" | "number" | "range" | "date" | "days" | "none";
export type Operator = { op: string; title: Text; takes_value: boolean; value?: ValueSort; filter?: boolean };
export type Unit = { unit: string; seconds: number; one: Text; many: Text };

export type Catalog = {
  shelves: { id: string; title: Text }[];
  kinds: Kind[];
  /** The settings of a journey as a whole. */
  journey: SettingSpec[];
  operators: Operator[];
  units: Unit[];
};

/** An exit of one node as it stands now: fixed ones and those that come from a list setting, alike. */
export type Exit = { id: string; title: Text; sense: Sense; required: boolean };

export type Duration = { amount: number; unit: string };

export type Problem = {
  code: string;
  severity: "error" | "warning";
  message: Text;
  remedy?: Text | null;
  nodes: string[];
  setting?: string | null;
  /** Where inside the setting, as the way to it in the JSON tree. */
  path?: (string | number)[] | null;
};

export type NodeCounts = { entered: number; waiting: number; failed: number; exits: Record<string, number> };

export type Counts = {
  journey_id: string;
  version: number | null;
  at: string;
  totals: Record<string, number>;
  refused?: Record<string, number>;
  nodes: Record<string, NodeCounts>;
  messages?: Record<string, Record<string, number>>;
};

export const emptyGraph = (): Graph => ({ settings: {}, nodes: [], edges: [] });
