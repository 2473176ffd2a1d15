/** The form of a segment: a name and a rule, with the sentence, the count and a few customers beside it. */
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import Input from "antd/es/input";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useChangeSegment, useCreateSegment, usePreview, type RuleFault, type Segment } from "@/api/segments";
import { ApiError } from "@/api/client";
import { useLanguage } from "@/app/i18n";
import { isComplete, leavesOf } from "@/journey/rules";
import { say } from "@/journey/words";
import type { Catalog } from "@/journey/types";
import { RuleGroup } from "@/panel/fields/rule/RuleGroup";
import { useSettled } from "@/panel/fields/rule/Matches";
import { FormContext, type Fault, type Form } from "@/panel/form";
import "@/panel/fields.css";
import { useErrorSentence } from "@/ui/states";
import { Preview } from "./Preview";
import { useRuleWords } from "@/journey/names";

type Props = { segment: Segment | null; catalog: Catalog; readOnly: boolean };

export function SegmentForm({ segment, catalog, readOnly }: Props) {
  const { t } = useTranslation("segments");
  const [name, setName] = useState(segment?.name ?? "");
  const [rule, setRule] = useState<unknown>(segment?.rule ?? { all: [] });
  const settled = useSettled(rule, 500);
  const save = useSave(segment);
  const form = useForm(catalog, readOnly);
  const words = useRuleWords();
  const shown = isComplete(settled) ? settled : null;
  const preview = usePreview(shown);
  const language = useLanguage();
  const wrong = settled === rule && shown ? toFaults(preview.data?.problems, language) : [];
  const changed = name.trim() !== (segment?.name ?? "") || JSON.stringify(rule) !== JSON.stringify(segment?.rule);
  const ready = name.trim() !== "" && isComplete(rule);
  return (
    <FormContext value={form}>
      <section className="card segment-form">
        <div className="card-body">
          <label htmlFor="segment-name">{t("name")}</label>
          <Input
            id="segment-name"
            value={name}
            maxLength={200}
            autoFocus={!segment}
            disabled={readOnly}
            placeholder={t("namePlaceholder")}
            onChange={(event) => setName(event.target.value)}
          />
          <h2>{t("rule")}</h2>
          <p className="panel-sentence" data-testid="segment-sentence">
            {leavesOf(rule).length ? words(rule) : t("ruleHint")}
          </p>
          <RuleGroup rule={rule} change={setRule} place={[]} faults={[...wrong, ...save.faults]} />
          {!readOnly && (
            <footer className="segment-foot">
              <Button
                type="primary"
                data-testid="save-segment"
                disabled={!changed || !ready}
                loading={save.pending}
                onClick={() => save.act({ name: name.trim(), rule })}
              >
                {t(segment ? "save" : "create")}
              </Button>
              <span className={save.error ? "segment-error" : "faint"} role={save.error ? "alert" : undefined}>
                {save.error || (changed && !ready ? t("unfinished") : "")}
              </span>
            </footer>
          )}
        </div>
      </section>
      <Preview rule={shown} late={settled !== rule} />
    </FormContext>
  );
}

function useForm(catalog: Catalog, readOnly: boolean): Form {
  const language = useLanguage();
  return useMemo(
    () => ({ language, readOnly, catalog, kind: null, events: [], beside: {}, about: "customer" }),
    [language, readOnly, catalog],
  );
}

/** Keeps the segment; a new one leads to its own page, and what the engine refuses is said where it is wrong. */
function useSave(segment: Segment | null) {
  const { t } = useTranslation("segments");
  const { message } = AntApp.useApp();
  const navigate = useNavigate();
  const language = useLanguage();
  const sentence = useErrorSentence();
  const create = useCreateSegment();
  const change = useChangeSegment();
  const { error } = segment ? change : create;
  const act = (given: { name: string; rule: unknown }) => {
    const onSuccess = (kept: Segment) => {
      void message.success(t("saved"));
      if (!segment) void navigate(`/segments/${kept.id}`, { replace: true });
    };
    if (segment) change.mutate({ id: segment.id, ...given }, { onSuccess });
    else create.mutate(given, { onSuccess });
  };
  return {
    act,
    pending: create.isPending || change.isPending,
    error: error ? sentence(error) : "",
    faults: faultsIn(error, language),
  };
}

/** The engine names the leaf that it refuses by the way to it. */
function faultsIn(error: unknown, language: "en" | "zh"): Fault[] {
  const refused = error instanceof ApiError && error.code === "rule:problem";
  return refused ? toFaults([error.where as RuleFault], language) : [];
}

const toFaults = (problems: RuleFault[] = [], language: "en" | "zh"): Fault[] =>
  problems.filter((one) => one.path?.length).map((one) => ({ path: one.path!, text: say(one.message, language) }));
