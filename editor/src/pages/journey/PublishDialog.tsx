/** Publishing, asked once: what is in the way, what changes, who is under way and what becomes of them. */
import type { ButtonProps } from "antd/es/button";
import Modal from "antd/es/modal";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { usePreview, usePublish, type Handover, type Preview } from "@/api/versions";
import { saveNow } from "@/journey/autosave";
import { useVersion, type Journey } from "@/journey/queries";
import { graphOf, useEditor } from "@/journey/store";
import { testIds } from "@/journey/testids";
import type { Graph, Problem } from "@/journey/types";
import { Failed, Loading, useErrorSentence } from "@/ui/states";
import { Changes } from "./Changes";
import { ProblemList } from "./Problems";
import { isSettled, StandingChoice } from "./StandingChoice";

type Props = { journey: Journey; version?: number; close: () => void };
const NOTHING: Preview["standing"] = [];

/** Without a `version` it is the draft that is published. */
export function PublishDialog({ journey, version, close }: Props) {
  const { t } = useTranslation("publish");
  const errorSentence = useErrorSentence();
  const preview = usePreview(journey.id, version ?? null);
  const older = useVersion(journey.id, version ?? null).data?.graph;
  const save = useEditor((state) => state.save);
  const publish = usePublish(journey.id);
  const [chosen, choose] = useState<Handover>({ standing: "finish", targets: {} });
  const problems = refusedFor(publish.error) ?? preview.data?.problems ?? [];
  const blocked = problems.some((one) => one.severity === "error");
  const standing = preview.data?.standing ?? NOTHING;
  const graph = version === undefined ? graphOf(useEditor.getState()) : older;
  const go = async () => {
    if (version === undefined) await saveNow();
    const what = version === undefined ? { revision: useEditor.getState().revision } : { version };
    publish.mutate({ ...what, ...chosen }, { onSuccess: close });
  };
  const ready = preview.isSuccess && !blocked && isSettled(standing, chosen);
  const unsaved = version === undefined && (save === "conflict" || save === "refused");
  return (
    <Modal
      open
      width={640}
      style={{ top: 40 }}
      title={blocked ? t("blocked") : titleOf(t, journey, version)}
      onCancel={close}
      onOk={() => void go()}
      okText={t("confirm")}
      cancelText={t("cancel")}
      okButtonProps={confirmProps({
        disabled: !ready || unsaved,
        danger: chosen.standing === "exit" && standing.length > 0,
        loading: publish.isPending || save === "saving",
      })}
    >
      {preview.isPending && <Loading />}
      {preview.isError && <Failed error={preview.error} retry={() => void preview.refetch()} />}
      {problems.length > 0 && (
        <>
          <p className="quiet">{t(blocked ? "mend" : "warnings")}</p>
          <ProblemList problems={problems} chosen={close} />
        </>
      )}
      {preview.data && !blocked && graph && (
        <Consequences {...{ journey, version, preview: preview.data, graph, chosen, choose }} />
      )}
      {publish.error && !refusedFor(publish.error) && (
        <p className="panel-problem" role="alert">
          {errorSentence(publish.error)}
        </p>
      )}
    </Modal>
  );
}

type Shown = {
  journey: Journey;
  version?: number;
  preview: Preview;
  graph: Graph;
  chosen: Handover;
  choose: (handover: Handover) => void;
};

function Consequences({ journey, version, preview, graph, chosen, choose }: Shown) {
  const { t } = useTranslation("publish");
  const first = journey.live_version === null;
  return (
    <div className="consequences">
      <h3>{t("changes")}</h3>
      <Changes diff={preview.diff} first={first} />
      {!first && (
        <>
          <h3>{t("standing")}</h3>
          <StandingChoice standing={preview.standing} graph={graph} chosen={chosen} choose={choose} />
        </>
      )}
      {journey.status === "paused" && <p>{t("paused")}</p>}
      {version !== undefined && <p className="quiet">{t("keepsDraft")}</p>}
    </div>
  );
}

function titleOf(t: TFunction<"publish">, journey: Journey, from?: number): string {
  const version = Math.max(0, ...journey.versions.map((one) => one.number)) + 1;
  return from === undefined ? t("title", { version }) : t("again", { from, version });
}

/** Props of the dialogue's button, with the name by which a test finds it. */
function confirmProps(props: ButtonProps): ButtonProps {
  const named = { ...props, "data-testid": testIds.publishConfirm };
  return named;
}

function refusedFor(trouble: unknown): Problem[] | null {
  if (!(trouble instanceof ApiError) || trouble.status !== 422) return null;
  const { problems } = trouble.where;
  return Array.isArray(problems) && problems.length ? (problems as Problem[]) : null;
}
