/** Publishing: shows what is in the way, or says what starts now and asks once. */
import Button, { type ButtonProps } from "antd/es/button";
import Modal from "antd/es/modal";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { useLanguage } from "@/app/i18n";
import { isTrigger, kindOf } from "@/journey/catalog";
import { saveNow } from "@/journey/autosave";
import { useProblems } from "@/journey/problems";
import { useSwitch, type Journey } from "@/journey/queries";
import { sentence } from "@/journey/sentences";
import { useCatalog, useEditor } from "@/journey/store";
import { testIds } from "@/journey/testids";
import type { Problem } from "@/journey/types";
import { useLive } from "@/live/store";
import { useErrorSentence } from "@/ui/states";
import { ProblemList } from "./Problems";

export function PublishButton({ journey, disabled }: { journey: Journey; disabled: boolean }) {
  const { t } = useTranslation("canvas");
  const [open, setOpen] = useState(false);
  const empty = useEditor((state) => state.history.now.nodes.length === 0);
  const start = async () => {
    await saveNow();
    setOpen(true);
  };
  return (
    <>
      <Button type="primary" disabled={disabled || empty} data-testid={testIds.publish} onClick={() => void start()}>
        {t("publish.button")}
      </Button>
      {open && <PublishDialog journey={journey} close={() => setOpen(false)} />}
    </>
  );
}

function PublishDialog({ journey, close }: { journey: Journey; close: () => void }) {
  const { t } = useTranslation("canvas");
  const errorSentence = useErrorSentence();
  const save = useEditor((state) => state.save);
  const publish = useSwitch(journey.id);
  const known = useProblems();
  const problems = refusedFor(publish.error) ?? known;
  const errors = problems.filter((one) => one.severity === "error");
  const go = async () => {
    await saveNow();
    publish.mutate({ act: "publish", revision: useEditor.getState().revision }, { onSuccess: close });
  };
  const blocked = errors.length > 0;
  return (
    <Modal
      open
      width={560}
      title={t(blocked ? "publish.blocked" : "publish.title", { version: nextVersion(journey) })}
      onCancel={close}
      onOk={() => void go()}
      okText={t("publish.confirm")}
      cancelText={t("publish.cancel")}
      okButtonProps={confirmProps({
        disabled: blocked || save === "conflict" || save === "refused",
        loading: publish.isPending || save === "saving",
      })}
    >
      {problems.length > 0 && (
        <>
          <p className="quiet">{t(blocked ? "publish.mend" : "publish.warnings")}</p>
          <ProblemList problems={problems} chosen={close} />
        </>
      )}
      {!blocked && <WhatStarts journey={journey} />}
      {publish.error && !refusedFor(publish.error) && (
        <p className="panel-problem" role="alert">
          {errorSentence(publish.error)}
        </p>
      )}
    </Modal>
  );
}

/** Props of the dialogue's button, with the name by which a test finds it. */
function confirmProps(props: ButtonProps): ButtonProps {
  const named = { ...props, "data-testid": testIds.publishConfirm };
  return named;
}

/** The triggers read aloud, and what becomes of the customers who are under way. */
function WhatStarts({ journey }: { journey: Journey }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const nodes = useEditor((state) => state.history.now.nodes);
  const waiting = useLive((state) => state.counts?.totals.waiting ?? 0);
  const triggers = nodes.filter((node) => isTrigger(catalog, node));
  return (
    <div className="what-starts">
      <p>{t("publish.starts")}</p>
      <ul>
        {triggers.map((node) => (
          <li key={node.id}>{sentence(catalog, kindOf(catalog, node.kind)!, node.settings, language)}</li>
        ))}
      </ul>
      {journey.status === "paused" && <p>{t("publish.paused")}</p>}
      {journey.live_version !== null && (
        <p className="quiet">{t("publish.underWay", { count: waiting, version: journey.live_version })}</p>
      )}
    </div>
  );
}

const nextVersion = (journey: Journey): number => Math.max(0, ...journey.versions.map((one) => one.number)) + 1;

function refusedFor(trouble: unknown): Problem[] | null {
  if (!(trouble instanceof ApiError) || trouble.status !== 422) return null;
  const { problems } = trouble.where;
  return Array.isArray(problems) && problems.length ? (problems as Problem[]) : null;
}
