/** One experiment with one goal: its arms side by side, and a warning when the split is not as it was drawn. */
import WarningOutlined from "@ant-design/icons/es/icons/WarningOutlined";
import { useTranslation } from "react-i18next";
import type { Arm, Experiment } from "@/api/insights";
import { useFormat } from "@/app/format";
import { useKnownNames } from "@/journey/names";
import { Difference, useWorth } from "./figures";

export function ExperimentTable({ experiment }: { experiment: Experiment }) {
  const { t } = useTranslation("results");
  const names = useKnownNames();
  return (
    <section className="card result" data-testid="experiment">
      <h3>
        {names[experiment.node] ?? experiment.node} <span className="faint">{experiment.goal.name}</span>
      </h3>
      {!experiment.ratio.ok && (
        <p className="result-warning" role="alert">
          <WarningOutlined aria-hidden /> {t("uneven")}
        </p>
      )}
      <table className="result-table">
        <thead>
          <tr>
            <th scope="col">{t("arm")}</th>
            <th scope="col">{t("customers")}</th>
            <th scope="col">{t("conversions")}</th>
            <th scope="col">{t("rate")}</th>
            <th scope="col">{t("value")}</th>
          </tr>
        </thead>
        <tbody>
          {experiment.arms.map((arm) => (
            <ArmRow key={arm.id} arm={arm} />
          ))}
        </tbody>
      </table>
      {experiment.arms
        .filter((arm) => !arm.control)
        .map((arm) => (
          <p key={arm.id} className="result-said">
            {arm.name}: <Difference compared={arm} />
          </p>
        ))}
    </section>
  );
}

function ArmRow({ arm }: { arm: Arm }) {
  const { t } = useTranslation("results");
  const { number, percent } = useFormat();
  const worth = useWorth();
  return (
    <tr>
      <td>
        {arm.name} {arm.control && <span className="tag">{t("control")}</span>}
      </td>
      <td>{number(arm.n)}</td>
      <td>{number(arm.conversions)}</td>
      <td>{arm.rate === null ? "—" : percent(arm.rate)}</td>
      <td>{worth(arm) || "—"}</td>
    </tr>
  );
}
