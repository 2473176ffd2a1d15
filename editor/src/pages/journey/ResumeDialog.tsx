/** Resuming, asked once: how much came due during the pause, and what becomes of it. */
import InputNumber from "antd/es/input-number";
import Modal from "antd/es/modal";
import Radio from "antd/es/radio";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePauseState, useResume, type Lateness, type PauseState } from "@/api/versions";
import { useFormat } from "@/app/format";
import { Failed, Loading, useErrorSentence } from "@/ui/states";

const LONGEST = 366 * 24 * 60;
const USUAL: Lateness = { late: "now", spread_minutes: 0, fresh_minutes: 60 };

export function ResumeDialog({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation("publish");
  const errorSentence = useErrorSentence();
  const [chosen, choose] = useState(USUAL);
  const state = usePauseState(id, chosen.fresh_minutes);
  const resume = useResume(id);
  return (
    <Modal
      open
      width={560}
      title={t("resume.title")}
      onCancel={close}
      onOk={() => resume.mutate(chosen, { onSuccess: close })}
      okText={t("resume.confirm")}
      cancelText={t("cancel")}
      okButtonProps={{ loading: resume.isPending, disabled: !state.data }}
    >
      {state.isPending && <Loading />}
      {state.isError && <Failed error={state.error} retry={() => void state.refetch()} />}
      {state.data && <WhatCameDue state={state.data} />}
      {state.data && state.data.due > 0 && <Choice state={state.data} chosen={chosen} choose={choose} />}
      {resume.error && (
        <p className="panel-problem" role="alert">
          {errorSentence(resume.error)}
        </p>
      )}
    </Modal>
  );
}

function WhatCameDue({ state }: { state: PauseState }) {
  const { t } = useTranslation("publish");
  const { moment } = useFormat();
  const since = state.oldest_due_at ? moment(state.oldest_due_at) : "";
  return (
    <p data-testid="pause-state">
      {state.due > 0 ? t("resume.due", { count: state.due, since }) : t("resume.none")}{" "}
      {state.parked_events > 0 && t("resume.events", { count: state.parked_events })}
    </p>
  );
}

type Props = { state: PauseState; chosen: Lateness; choose: (lateness: Lateness) => void };

function Choice({ state, chosen, choose }: Props) {
  const { t } = useTranslation("publish");
  const late = Math.max(0, state.due - state.fresh);
  const hints = {
    now: t("resume.nowHint"),
    fresh: t("resume.freshHint", { fresh: state.fresh, late }),
    skip: t("resume.skipHint"),
  };
  return (
    <>
      <h3 id="resume-ask">{t("resume.ask")}</h3>
      <Radio.Group
        className="policies"
        aria-labelledby="resume-ask"
        value={chosen.late}
        onChange={({ target }) => choose({ ...chosen, late: target.value as Lateness["late"] })}
      >
        {(["now", "fresh", "skip"] as const).map((policy) => (
          <Radio key={policy} value={policy} data-testid={`late-${policy}`}>
            {t(`resume.${policy}`)}
            {chosen.late === policy && <small>{hints[policy]}</small>}
          </Radio>
        ))}
      </Radio.Group>
      {chosen.late === "now" && (
        <Minutes
          label={t("resume.over")}
          value={chosen.spread_minutes}
          change={(spread_minutes) => choose({ ...chosen, spread_minutes })}
        />
      )}
      {chosen.late === "fresh" && (
        <Minutes
          label={t("resume.less")}
          value={chosen.fresh_minutes}
          change={(fresh_minutes) => choose({ ...chosen, fresh_minutes })}
        />
      )}
    </>
  );
}

type MinutesProps = { label: string; value: number; change: (minutes: number) => void };

function Minutes({ label, value, change }: MinutesProps) {
  const { t } = useTranslation("publish");
  return (
    <label className="minutes">
      {label}
      <InputNumber
        min={0}
        max={LONGEST}
        precision={0}
        value={value}
        data-testid="minutes"
        onChange={(minutes) => change(minutes ?? 0)}
      />
      {t("resume.minutes")}
    </label>
  );
}
