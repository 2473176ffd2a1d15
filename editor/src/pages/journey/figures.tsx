/** Figures of a comparison in words: how much better, how sure, and what it was worth. */
import { useTranslation } from "react-i18next";
import type { Compared, Group } from "@/api/insights";
import { useFormat } from "@/app/format";

/** Sums of money, each in its own currency; sums in different currencies are never added. */
export function useWorth(): (group: Group) => string {
  const { money } = useFormat();
  return (group) => group.values.map(({ value, currency }) => money(value, currency)).join(" + ");
}

const SURE = 0.05;

/** The difference of two rates with its interval; only one that is hardly chance is coloured. */
export function Difference({ compared }: { compared: Compared }) {
  const { t } = useTranslation("results");
  const { percent, points } = useFormat();
  const { lift, difference, interval, p } = compared;
  if (difference === null || interval === null) return <span className="faint">{t("notYet")}</span>;
  const sure = p !== null && p < SURE;
  const tone = sure ? (difference > 0 ? "good" : "bad") : "plain";
  return (
    <>
      <span className="tag" data-tone={tone}>
        {t(sure ? (difference > 0 ? "better" : "worse") : "unsure")}
      </span>{" "}
      {t("difference", { difference: points(difference), low: points(interval[0]), high: points(interval[1]) })}
      {lift !== null && ` ${t("lift", { lift: `${lift > 0 ? "+" : ""}${percent(lift)}` })}`}
    </>
  );
}
