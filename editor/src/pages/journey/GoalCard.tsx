/** One goal: how many reached it, what it was worth, the same of those held out, and which messages led there. */
import { useTranslation } from "react-i18next";
import type { GoalReport, Group } from "@/api/insights";
import { useFormat } from "@/app/format";
import { useKnownNames } from "@/journey/names";
import { Difference, useWorth } from "./figures";

export function GoalCard({ goal }: { goal: GoalReport }) {
  const { t } = useTranslation("results");
  const { number, percent } = useFormat();
  return (
    <section className="card result" data-testid="goal">
      <h3>{goal.name}</h3>
      <div className="result-groups">
        <Side name={t("journey")} group={goal} of={t("ofEntered", { n: number(goal.entered) })} />
        {goal.holdout && (
          <Side
            name={t("holdout")}
            group={goal.holdout}
            of={t("ofHeldOut", { n: number(goal.holdout.entered) })}
            quiet
          />
        )}
      </div>
      {goal.holdout ? (
        <p className="result-said">
          <Difference compared={goal} />
        </p>
      ) : (
        <p className="faint result-said">{t("noHoldout")}</p>
      )}
      {goal.messages.length > 0 && <Messages goal={goal} percent={percent} />}
    </section>
  );
}

function Side({ name, group, of, quiet }: { name: string; group: Group; of: string; quiet?: boolean }) {
  const { number, percent } = useFormat();
  const worth = useWorth();
  return (
    <dl className="result-side" data-quiet={quiet || undefined}>
      <dt>{name}</dt>
      <dd>
        <b>{group.rate === null ? "—" : percent(group.rate)}</b>
        <span className="faint">
          {number(group.conversions)} {of}
        </span>
        {worth(group) && <span>{worth(group)}</span>}
      </dd>
    </dl>
  );
}

/** A conversion belongs to the last message before it. */
function Messages({ goal, percent }: { goal: GoalReport; percent: (share: number) => string }) {
  const { t } = useTranslation("results");
  const { number } = useFormat();
  const names = useKnownNames();
  const worth = useWorth();
  return (
    <table className="result-table">
      <thead>
        <tr>
          <th scope="col">{t("message")}</th>
          <th scope="col">{t("conversions")}</th>
          <th scope="col">{t("rate")}</th>
          <th scope="col">{t("value")}</th>
        </tr>
      </thead>
      <tbody>
        {goal.messages.map((one) => (
          <tr key={one.node}>
            <td>{names[one.node] ?? one.node}</td>
            <td>{number(one.conversions)}</td>
            <td>{one.rate === null ? "—" : percent(one.rate)}</td>
            <td>{worth(one) || "—"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
