/** A status as a small tag; its tone says whether someone should look: good, busy, warn, bad, or plain. */
import { useTranslation } from "react-i18next";

const tones: Record<string, string> = {
  live: "good",
  paused: "warn",
  delivered: "good",
  opened: "good",
  clicked: "good",
  sent: "good",
  accepted: "good",
  pass: "good",
  passed: "good",
  processed: "good",
  granted: "good",
  subscribed: "good",
  completed: "good",
  queued: "busy",
  sending: "busy",
  pending: "busy",
  waiting: "busy",
  active: "busy",
  unknown: "warn",
  skipped: "warn",
  hold: "warn",
  suppressed: "warn",
  withdrawn: "warn",
  unsubscribed: "warn",
  failed: "bad",
  bounced: "bad",
  complained: "bad",
  rejected: "bad",
  dead_lettered: "bad",
  stop: "warn",
};

export function StatusTag({ status }: { status: string }) {
  const words = useStatusWords();
  return (
    <span className="tag" data-tone={tones[status] ?? "plain"} data-status={status}>
      {words(status)}
    </span>
  );
}

/** How a message stands: what the provider reported, once it has, says more than `sent`. */
export function MessageStatus({ status, progress }: { status: string; progress?: unknown }) {
  return <StatusTag status={status === "sent" && typeof progress === "string" && progress ? progress : status} />;
}

/** The name of a status in the shown language; one nobody knows yet is shown as it came. */
export function useStatusWords(): (status: string) => string {
  const { t } = useTranslation("words");
  return (status) => t(`status.${status}`, { defaultValue: status });
}
