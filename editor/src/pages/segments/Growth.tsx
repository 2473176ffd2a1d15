/** How a segment grew in the last thirty days: its size as a line, who joined and left as bars below it. */
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/queries";
import { useGrowth, type Growth as Day, type Segment } from "@/api/segments";
import { useFormat } from "@/app/format";
import { Failed, Loading } from "@/ui/states";
import { everyDay, lineOf } from "./line";

const DAYS = 30;
const WIDTH = 600;
const HEIGHT = 90;

export function Growth({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const { number } = useFormat();
  const growth = useGrowth(segment.id, DAYS);
  const zone = useMe().data?.workspace.timezone;
  const days = everyDay(growth.data ?? [], todayIn(zone));
  const sum = (name: "joined" | "left") => days.reduce((total, day) => total + day[name], 0);
  return (
    <div className="card-body growth">
      {growth.isPending && <Loading rows={2} />}
      {growth.isError && !growth.data && <Failed error={growth.error} retry={() => void growth.refetch()} />}
      {growth.data && (
        <>
          <dl className="growth-figures">
            <Figure name={t("size")} value={number(segment.size)} />
            <Figure name={t("joined")} value={`+${number(sum("joined"))}`} />
            <Figure name={t("left")} value={`−${number(sum("left"))}`} />
          </dl>
          {days.length > 1 ? <Line days={days} /> : <p className="faint">{t("growthLater")}</p>}
        </>
      )}
    </div>
  );
}

/** The workspace's calendar day, as the engine counts it. */
const todayIn = (zone: string | undefined): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(new Date());

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The line itself; each day has a wide, invisible bar that says its figures on hover. */
function Line({ days }: { days: Day[] }) {
  const { t } = useTranslation("segments");
  const { number, date } = useFormat();
  const path = lineOf(
    days.map((day) => day.size),
    WIDTH,
    HEIGHT,
  );
  const step = WIDTH / days.length;
  const first = days[0]!;
  const last = days[days.length - 1]!;
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("growthSaid", { from: number(first.size), to: number(last.size), days: days.length })}
      >
        <path className="growth-area" d={`${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
        <path className="growth-line" d={path} vectorEffect="non-scaling-stroke" />
        {days.map((day, at) => (
          <rect key={day.day} className="growth-day" x={at * step} y={0} width={step} height={HEIGHT}>
            <title>
              {t("growthDay", {
                day: date(day.day),
                size: number(day.size),
                joined: number(day.joined),
                left: number(day.left),
              })}
            </title>
          </rect>
        ))}
      </svg>
      <figcaption className="faint">
        <span>{date(first.day)}</span>
        <span>{date(last.day)}</span>
      </figcaption>
    </figure>
  );
}
