/** Release or refuse, with a note for the history. */
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import Input from "antd/es/input";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDecide, type Approval, type Verdict } from "@/api/approvals";
import { useErrorSentence } from "@/ui/states";

const LONGEST = 500;

export function Decide({ approval }: { approval: Approval }) {
  const { t } = useTranslation("approvals");
  const { message } = AntApp.useApp();
  const sentence = useErrorSentence();
  const decide = useDecide();
  const [note, setNote] = useState("");
  const say = (verdict: Verdict) =>
    decide.mutate(
      { id: approval.enrollment_id, verdict, note: note.trim() },
      {
        onSuccess: () => void message.success(t(`done.${verdict}`)),
        onError: (error) => void message.error(sentence(error)),
      },
    );
  const given = decide.variables?.verdict;
  const busy = decide.isPending || decide.isSuccess;
  return (
    <div className="decide">
      <Input
        aria-label={t("note")}
        placeholder={t("note")}
        value={note}
        maxLength={LONGEST}
        disabled={busy}
        onChange={(event) => setNote(event.target.value)}
      />
      <div className="decide-acts">
        <Button
          type="primary"
          data-testid="release"
          loading={decide.isPending && given === "release"}
          disabled={busy}
          onClick={() => say("release")}
        >
          {t("release")}
        </Button>
        <Button
          danger
          data-testid="refuse"
          loading={decide.isPending && given === "refuse"}
          disabled={busy}
          onClick={() => say("refuse")}
        >
          {t("refuse")}
        </Button>
      </div>
    </div>
  );
}
