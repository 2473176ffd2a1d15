/** Whom the rule on the left holds for at this moment: how many, and a few of them. */
import { useTranslation } from "react-i18next";
import { usePreview } from "@/api/segments";
import { useFormat } from "@/app/format";
import { useSay } from "@/app/i18n";
import { TryRule } from "@/panel/fields/rule/TryRule";
import { useErrorSentence } from "@/ui/states";
import { PersonLine } from "./Members";

const SHOWN = 6;

export function Preview({ rule, late }: { rule: unknown; late: boolean }) {
  const { t } = useTranslation("segments");
  const { number } = useFormat();
  const say = useSay();
  const sentence = useErrorSentence();
  const preview = usePreview(rule);
  const answer = rule === null ? undefined : preview.data;
  const [problem] = answer?.problems ?? [];
  return (
    <section className="card segment-preview" aria-label={t("now")}>
      <h2 className="card-title">
        {t("now")}
        <span className="toolbar-grow" />
        {answer && <TryRule rule={rule} />}
      </h2>
      <div className="card-body" data-late={late || preview.isFetching || undefined}>
        {rule === null && <p className="quiet">{t("nowHint")}</p>}
        {rule !== null && preview.isError && <p role="alert">{sentence(preview.error)}</p>}
        {rule !== null && !preview.isError && !answer && <p className="quiet">{t("counting")}</p>}
        {problem && <p role="alert">{say(problem.message)}</p>}
        {answer?.size != null && !problem && (
          <>
            <p className="segment-size" role="status" data-testid="segment-count">
              <b>
                {answer.about && "≈ "}
                {number(answer.size)}
              </b>{" "}
              {t("customers", { count: answer.size })}
            </p>
            <ul className="people-list">
              {answer.sample.slice(0, SHOWN).map((one) => (
                <PersonLine key={one.id} customer={one} />
              ))}
            </ul>
            {answer.size > answer.sample.slice(0, SHOWN).length && <p className="faint">{t("andMore")}</p>}
          </>
        )}
      </div>
    </section>
  );
}
