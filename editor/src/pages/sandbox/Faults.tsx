/** Making the sandbox misbehave as providers do, to see what a journey does then. */
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import Popover from "antd/es/popover";
import Select from "antd/es/select";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useSetFaults } from "@/api/queries";
import { useFormat } from "@/app/format";
import { useErrorSentence } from "@/ui/states";

type Settings = Record<string, Record<string, unknown>>;

const FAULTS = [
  ["sms", "accept_then_timeout"],
  ["sms", "error_5xx"],
  ["sms", "throttle"],
  ["sms", "undelivered"],
  ["sms", "receipt_loss"],
  ["smtp", "reject_4xx"],
  ["smtp", "reject_5xx"],
] as const;
const CHANCES = [0, 0.1, 0.5, 1];
const RESET = { sms: {}, smtp: {}, webhooks: {} };

export function FaultsButton() {
  const { t } = useTranslation("sandbox");
  return (
    <Popover trigger="click" placement="bottomRight" title={t("faults")} content={<Faults />} destroyOnHidden>
      <Button>{t("faults")}</Button>
    </Popover>
  );
}

function Faults() {
  const { t } = useTranslation("sandbox");
  const format = useFormat();
  const { message } = AntApp.useApp();
  const sentence = useErrorSentence();
  const faults = useSetFaults();
  const { mutate } = faults;
  const set = (wanted: Settings) => mutate(wanted, { onError: (error) => void message.error(sentence(error)) });
  // Asking for no change answers what is set now.
  useEffect(() => mutate({}), [mutate]);
  const now = (faults.data ?? {}) as Settings;
  return (
    <div className="faults">
      <p className="faint">{t("faultsHint")}</p>
      {FAULTS.map(([kind, name]) => (
        <label key={kind + name} className="fault">
          <span>{t(`fault.${kind}.${name}`)}</span>
          <Select
            size="small"
            className="fault-chance"
            value={Number(now[kind]?.[name] ?? 0)}
            options={CHANCES.map((value) => ({ value, label: value ? format.percent(value) : t("never") }))}
            onChange={(chance) => set({ [kind]: { [name]: chance } })}
          />
        </label>
      ))}
      <Button size="small" onClick={() => set(RESET)}>
        {t("behave")}
      </Button>
    </div>
  );
}
