/** When something repeats, as a cron expression: common ones to choose, its meaning as a sentence, the next moments. */
import Input from "antd/es/input";
import Select from "antd/es/select";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/queries";
import { clockIn, cronSentence, nextRuns, readCron, type Local } from "../cron";
import { useForm, type FieldProps } from "../form";

const COMMON = ["0 9 * * *", "0 9 * * 1-5", "0 9 * * 1", "0 9 1 * *", "0 9 l * *", "0 * * * *"];
const SHOWN = 3;

export function CronField({ id, value, change }: FieldProps) {
  const { t } = useTranslation("fields");
  const { language, readOnly } = useForm();
  const text = typeof value === "string" ? value : "";
  const options = COMMON.map((one) => ({ value: one, label: cronSentence(readCron(one)!, language) }));
  return (
    <div className="cron">
      <div className="cron-line">
        <Input
          id={id}
          className="code"
          placeholder="0 9 * * *"
          value={text}
          spellCheck={false}
          disabled={readOnly}
          onChange={(event) => change(event.target.value)}
        />
        <Select
          aria-label={t("cron.common")}
          placeholder={t("cron.common")}
          popupMatchSelectWidth={false}
          options={options}
          value={null}
          disabled={readOnly}
          onChange={change}
        />
      </div>
      <Meaning text={text} />
    </div>
  );
}

/** What the expression means and when it fires next, on the wall clock of the zone beside it or of the workspace. */
function Meaning({ text }: { text: string }) {
  const { t } = useTranslation("fields");
  const { language, beside } = useForm();
  const home = useMe().data?.workspace.timezone ?? "UTC";
  const zone = typeof beside.zone === "string" && beside.zone ? beside.zone : home;
  const cron = useMemo(() => readCron(text), [text]);
  const runs = useMemo(() => (cron ? nextRuns(cron, clockIn(zone, new Date()), SHOWN) : []), [cron, zone]);
  if (!text.trim()) return <p className="setting-help">{t("cron.fields")}</p>;
  if (!cron) return <p className="setting-help">{t("cron.unread")}</p>;
  return (
    <p className="setting-help" aria-live="polite">
      {cronSentence(cron, language) && <b>{cronSentence(cron, language)}. </b>}
      {runs.length ? t("cron.next", { times: runs.map((run) => written(run, language)).join(" · ") }) : t("cron.never")}
    </p>
  );
}

/** A wall clock time in words; it has no zone, so it is written as if it were UTC. */
function written({ year, month, day, hour, minute }: Local, language: "en" | "zh"): string {
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
    timeZone: "UTC",
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(new Date(Date.UTC(year, month - 1, day, hour, minute)));
}
