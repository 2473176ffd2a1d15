/** The nouns of the engine's API as this editor reads them. */
import type { Text } from "@/app/i18n";

export type Listed<T> = { items: T[]; next: string | null };

export type Operator = { id: string; email: string; name: string; role: string; language: "en" | "zh" | null };
export type Me = { operator: Operator; workspace: { id: number | string; name: string; timezone: string } };

export type JourneyStatus = "draft" | "live" | "paused" | "stopped" | "archived";
export type GraphPicture = {
  nodes: { id: string; kind: string; position?: { x: number; y: number } | null }[];
  edges: { from: string; exit: string; to: string }[];
};
export type JourneyRow = {
  id: string;
  name: string;
  status: JourneyStatus;
  updated_at: string;
  live_version: number | null;
  has_draft_changes: boolean;
  graph?: GraphPicture | null;
  counts?: { entered: number; waiting: number; completed: number; exited: number; failed: number } | null;
};

export type Kind = { kind: string; role: "node" | "trigger"; title: Text; icon: string; shelf: string };
export type CatalogPage = { shelves: { id: string; title: Text }[]; kinds: Kind[] };

export type Identity = { kind: string; value: string };
export type Scalar = string | number | boolean | null;
export type CustomerRow = {
  id: string;
  label: string;
  identities: Identity[];
  attributes: Record<string, unknown>;
  created_at: string;
  last_seen_at: string | null;
};
export type Consent = { channel: string; topic: string | null; state: string; at: string; source: string | null };
export type Customer = CustomerRow & {
  consents: Consent[];
  activity: { event: string; count: number; first_at: string; last_at: string }[];
  merged?: { id?: string; at?: string; label?: string }[];
  /** What is older was removed, because it is no longer kept. */
  kept_since?: string | null;
};

/** Why a node decided as it did; `why` names the shape, the rest is what it read. */
export type Reason = { why?: string; [detail: string]: unknown };
export type PathNode = {
  node: string;
  kind: string;
  title?: Text | string | null;
  exit?: string | null;
  reason?: Reason | null;
  said?: Text;
  at?: string;
};
export type HistoryItem = {
  at: string;
  kind: string;
  journey?: { id: string; name: string; version?: number | null } | null;
  enrollment_id?: string | null;
  path?: PathNode[];
  reason?: Reason | string | null;
  /** The reason in the engine's own words. */
  said?: Text;
  [detail: string]: unknown;
};

export type MessageRow = {
  id: string;
  channel: string;
  to: string | null;
  status: string;
  reason: string | null;
  progress?: string | null;
  journey: { id: string; name: string } | null;
  node: string | null;
  customer: { id: string; label: string } | null;
  queued_at: string;
  sent_at: string | null;
  subject?: string | null;
  text?: string | null;
};
export type Message = MessageRow & {
  checks: { check: string; verdict: string; detail: unknown }[];
  deliveries: {
    attempt: number;
    started_at: string;
    ended_at: string | null;
    outcome: string | null;
    code: string | null;
    detail: string | null;
    provider_ref: string | null;
  }[];
  receipts: Receipt[];
  content: MessageContent | null;
};
/** What was rendered; which of it there is depends on the channel. */
export type MessageContent = {
  subject?: string | null;
  text?: string | null;
  html_url?: string | null;
  sign_name?: string | null;
  url?: string | null;
  body?: unknown;
};
export type Receipt = { kind: string; at: string };

export type EventEffect = { kind: string; journey_id: string | null; enrollment_id: string | null; reason: unknown };
export type EventRow = {
  id: string;
  name: string;
  customer_id: string | null;
  occurred_at: string;
  received_at: string;
  properties: Record<string, unknown>;
  state: string;
  why: unknown;
  effects?: EventEffect[];
};

export type SandboxSms = { id: string; to: string; sign_name: string; text: string; at: string; receipts?: Receipt[] };
export type SandboxMail = {
  id: string;
  to: string;
  from: string;
  from_name?: string | null;
  subject: string;
  text: string | null;
  html_url: string | null;
  at: string;
};
export type SandboxHook = { id?: string; url?: string; at: string; body?: unknown; [detail: string]: unknown };
export type SandboxInbox = { sms: SandboxSms[]; mail: SandboxMail[]; webhooks: SandboxHook[] };

export type ApiKey = {
  id: string;
  name: string;
  scope: string;
  hint?: string;
  created_at?: string | null;
  last_used_at?: string | null;
  key?: string;
};
export type Account = {
  id: string;
  name: string;
  channel: string;
  kind: string;
  title: Text | null;
  settings: Record<string, unknown>;
  is_default: boolean;
  stopped_at: string | null;
  stopped_why: string;
  broken_at: string | null;
  broken_why: string;
  probe_at: string | null;
};

export type Overview = {
  journeys: Partial<Record<JourneyStatus, number>>;
  today: { events: number; entered: number; messages: Record<string, number>; failed: number; unknown: number };
  health: {
    inbox: number;
    oldest_inbox_s: number | null;
    wake_lag_s: number | null;
    lanes: { lane: string; queued: number; oldest_s: number | null; state?: "open" | "stopped" | "out_of_reach" }[];
    workers: number;
  };
};
