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

export type JourneySettings = {
  reentry?: { policy: "never" | "after_end" | "one_per_key" };
  exit_events?: { event: string; same_key?: boolean }[];
  [name: string]: unknown;
};

export type Graph = { settings: JourneySettings; nodes: GraphNode[]; edges: GraphEdge[] };

export type SettingType =
  | "text"
  | "long_text"
  | "template"
  | "number"
  | "boolean"
  | "choice"
  | "duration"
  | "event_name"
  | "event_names"
  | "property"
  | "attribute"
  | "rule"
  | "list"
  | "filters"
  | "account"
  | "url"
  | "json_template"
  | "any";

export type Choice = { value: string | number | null; title: Text };

export type SettingSpec = {
  name: string;
  type: SettingType;
  title: Text;
  help?: Text | null;
  required?: boolean;
  default?: unknown;
  min?: number | null;
  max?: number | null;
  max_length?: number | null;
  choices?: Choice[] | null;
  fields?: SettingSpec[] | null;
  completes?: "event" | "property" | "attribute" | "account" | null;
};

export type Sense = "neutral" | "yes" | "no" | "timeout" | "failed" | "skipped";
export type FixedExit = { id: string; title: Text; sense: Sense; required: boolean };
export type EachExit = { each: string; sense: Sense; required: boolean };

export type Kind = {
  kind: string;
  role: "node" | "trigger";
  title: Text;
  help: Text;
  icon: string;
  shelf: string;
  sentence: Text;
  exits: (FixedExit | EachExit)[];
  settings: SettingSpec[];
};

/** A comparison of the rule language, and a unit of time, in the engine's own words. */
export type Operator = { op: string; title: Text; takes_value: boolean };
export type Unit = { unit: string; seconds: number; one: Text; many: Text };

export type Catalog = {
  shelves: { id: string; title: Text }[];
  kinds: Kind[];
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

export const emptyGraph = (): Graph => ({
  settings: { reentry: { policy: "after_end" }, exit_events: [] },
  nodes: [],
  edges: [],
});
