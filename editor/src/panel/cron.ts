/** Cron expressions of five fields: read, said as a sentence, and counted forward on a local calendar. */
import { dayName, WEEKDAYS } from "@/journey/sentences";
import type { Language } from "@/journey/types";
import { pad } from "./moments";

type Field = { values: number[]; every: boolean };
export type Cron = { minute: Field; hour: Field; day: Field; month: Field; weekday: Field; lastDay: boolean };

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const LAST = "l";

/** The expression taken apart; null when it is none, or says more than a page can count. */
export function readCron(text: string): Cron | null {
  const parts = text.trim().toLowerCase().split(/\s+/);
  if (parts.length !== 5) return null;
  const lastDay = parts[2] === LAST;
  const minute = readField(parts[0]!, 0, 59);
  const hour = readField(parts[1]!, 0, 23);
  const day = readField(lastDay ? "*" : parts[2]!, 1, 31);
  const month = readField(parts[3]!, 1, 12, MONTHS);
  const weekday = readField(parts[4]!, 0, 7, DAYS);
  if (!minute || !hour || !day || !month || !weekday) return null;
  const folded = [...new Set(weekday.values.map((one) => one % 7))].sort((a, b) => a - b);
  return { minute, hour, day, month, weekday: { ...weekday, values: folded }, lastDay };
}

function readField(text: string, low: number, high: number, names: string[] = []): Field | null {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\*|[\da-z]+)(?:-([\da-z]+))?(?:\/(\d+))?$/.exec(part);
    if (!match) return null;
    const [from, to] = match[1] === "*" ? [low, high] : [number(match[1]!, low, names), 0];
    const end = match[2] ? number(match[2], low, names) : match[1] === "*" ? to : match[3] ? high : from;
    const step = Number(match[3] ?? 1);
    if (!(from >= low && end <= high && from <= end && step > 0)) return null;
    for (let value = from; value <= end; value += step) values.add(value);
  }
  return { values: [...values].sort((a, b) => a - b), every: text === "*" };
}

function number(word: string, low: number, names: string[]): number {
  const at = names.indexOf(word);
  return at >= 0 ? at + low : /^\d+$/.test(word) ? Number(word) : NaN;
}

/** A local date and time without a zone, as a wall clock shows it. */
export type Local = { year: number; month: number; day: number; hour: number; minute: number };

const YEARS = 5;

/** The next moments at which it fires, as the wall clock of its zone shows them. */
export function nextRuns(cron: Cron, from: Local, count: number): Local[] {
  const found: Local[] = [];
  const date = new Date(Date.UTC(from.year, from.month - 1, from.day));
  for (let left = 366 * YEARS; left > 0 && found.length < count; left -= 1) {
    if (fits(cron, date)) found.push(...timesOn(cron, date).filter((one) => isAfter(one, from)));
    date.setUTCDate(date.getUTCDate() + 1);
  }
  return found.slice(0, count);
}

/** Where both a day of the month and a weekday are given, either will do, as cron has it. */
function fits(cron: Cron, date: Date): boolean {
  if (!cron.month.values.includes(date.getUTCMonth() + 1)) return false;
  const inMonth = cron.lastDay ? isLastDay(date) : cron.day.values.includes(date.getUTCDate());
  const inWeek = cron.weekday.values.includes(date.getUTCDay());
  const anyDay = cron.day.every && !cron.lastDay;
  if (anyDay || cron.weekday.every) return (anyDay || inMonth) && (cron.weekday.every || inWeek);
  return inMonth || inWeek;
}

const isLastDay = (date: Date): boolean =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)).getUTCDate() === 1;

const timesOn = (cron: Cron, date: Date): Local[] =>
  cron.hour.values.flatMap((hour) =>
    cron.minute.values.map((minute) => ({
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour,
      minute,
    })),
  );

const inOrder = ({ year, month, day, hour, minute }: Local) => [year, month, day, hour, minute].map(pad).join(" ");
const isAfter = (a: Local, b: Local) => inOrder(a) > inOrder(b);

/** The wall clock of a zone now; a zone nobody knows reads as UTC. */
export function clockIn(zone: string, now: Date): Local {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: isZone(zone) ? zone : "UTC",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return { year: part("year"), month: part("month"), day: part("day"), hour: part("hour"), minute: part("minute") };
}

function isZone(zone: string): boolean {
  try {
    return Boolean(zone) && Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}

/** What the expression means, where it is simple enough for a sentence; null where it is not. */
export function cronSentence(cron: Cron, language: Language): string | null {
  const days = daysWords(cron, language);
  const times = timesWords(cron, language);
  if (!days || !times) return null;
  return language === "zh" ? `${days}${times}` : `${days} ${times}`;
}

function daysWords({ day, month, weekday, lastDay }: Cron, language: Language): string | null {
  const zh = language === "zh";
  if (!month.every || (!weekday.every && (!day.every || lastDay))) return null;
  if (lastDay) return zh ? "每月最后一天" : "On the last day of each month";
  if (!day.every) return zh ? `每月 ${day.values.join("、")} 日` : `On day ${day.values.join(", ")} of each month`;
  if (weekday.every) return zh ? "每天" : "Every day";
  const names = WEEKDAYS.filter((_, at) => weekday.values.includes((at + 1) % 7)).map((one) => dayName(one, language));
  return zh ? `每${names.join("、")}` : `Every ${names.join(", ")}`;
}

const MANY = 4;

function timesWords({ minute, hour }: Cron, language: Language): string | null {
  const zh = language === "zh";
  const times = hour.values.flatMap((h) => minute.values.map((m) => `${pad(h)}:${pad(m)}`));
  if (times.length <= MANY) return zh ? ` ${times.join("、")}` : `at ${times.join(", ")}`;
  if (!hour.every) return null;
  if (minute.values.length === 1) {
    return zh ? `每小时的第 ${minute.values[0]} 分` : `at minute ${minute.values[0]} of each hour`;
  }
  const [first, second] = minute.values as [number, number];
  const even = minute.values.every((value, at) => value === at * (second - first));
  if (!even || 60 % (second - first)) return null;
  return zh ? `每 ${second - first} 分钟` : `every ${second - first} minutes`;
}
