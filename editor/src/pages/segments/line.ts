/** A row of numbers as the path of a line that fills its frame, its ground at nought unless all are large and close. */
const MARGIN = 4;

export function lineOf(values: number[], width: number, height: number): string {
  const high = Math.max(...values, 1);
  const low = Math.min(...values);
  const ground = low > high * 0.7 ? low - (high - low) * 0.5 : 0;
  const span = high - ground || 1;
  const x = (at: number) => (values.length > 1 ? (at / (values.length - 1)) * width : width / 2);
  const y = (value: number) => height - MARGIN - ((value - ground) / span) * (height - 2 * MARGIN);
  return values.map((value, at) => `${at ? "L" : "M"}${round(x(at))} ${round(y(value))}`).join("");
}

const round = (value: number): number => Math.round(value * 10) / 10;

type Day = { day: string; joined: number; left: number; size: number };

/** Every day from the first one known to today: on a day without a word nobody joined or left. */
export function everyDay(known: Day[], today: string): Day[] {
  const days: Day[] = [];
  const byDay = new Map(known.map((one) => [one.day, one]));
  let size = 0;
  for (let day = known[0]?.day ?? today; day <= today; day = following(day)) {
    const one = byDay.get(day) ?? { day, joined: 0, left: 0, size };
    size = one.size;
    days.push(one);
  }
  return days;
}

function following(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}
