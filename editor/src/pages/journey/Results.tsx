/** What came of the journey: each goal beside the customers held out, and the arms of its experiments. */
import Drawer from "antd/es/drawer";
import { useTranslation } from "react-i18next";
import { useExperiments, useGoals } from "@/api/insights";
import { Empty, Failed, Loading } from "@/ui/states";
import { ExperimentTable } from "./ExperimentTable";
import { GoalCard } from "./GoalCard";
import "./results.css";

type Props = { journey: string; version: number | null; open: boolean; close: () => void };

export function Results({ journey, version, open, close }: Props) {
  const { t } = useTranslation("results");
  const goals = useGoals(journey, version, open);
  const experiments = useExperiments(journey, open);
  const failed = [goals, experiments].find((query) => query.isError && !query.data);
  const arms = experiments.data?.items ?? [];
  return (
    <Drawer
      open={open}
      size={720}
      title={version === null ? t("title") : t("titleOf", { version })}
      onClose={close}
      destroyOnHidden
    >
      <div className="results" data-testid="results">
        {failed && <Failed error={failed.error} retry={() => void failed.refetch()} />}
        {!failed && !goals.data && <Loading />}
        {goals.data?.items.length === 0 && <Empty title={t("empty")} hint={t("emptyHint")} />}
        {goals.data?.items.map((goal) => (
          <GoalCard key={goal.id} goal={goal} />
        ))}
        {arms.length > 0 && <h2 className="results-part">{t("experiments")}</h2>}
        {arms.map((one) => (
          <ExperimentTable key={`${one.node} ${one.goal.id}`} experiment={one} />
        ))}
      </div>
    </Drawer>
  );
}
