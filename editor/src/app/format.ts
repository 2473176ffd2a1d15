/** Dates, numbers and spans as people of the shown language write them. */
import { useMemo } from "react";
import { useLanguage, type Language } from "./i18n";

type Instant = string | number | Date | null | undefined;

export type Format = ReturnType<typeof formats>;

/** All formats of one language; `—` stands for what is missing. */
export function formats(language: Language, now: () => number = Date.now) {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const written = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (at: Instant) => (at ? format.format(new Date(at)) : "—");
  };
  const number = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  const signed = new Intl.NumberFormat(locale, { signDisplay: "exceptZero", maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(language === "zh" ? "zh-CN" : "en", { numeric: "auto", style: "short" });
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const moment = written({ year: "numeric", month: "short", day: "numeric", ...clock, second: "2-digit" });
  const shortDay = written({ month: "short", day: "numeric" });
  const zone = new Intl.DateTimeFormat(locale, { timeZoneName: "short" });
  return {
    number: (value: number | null | undefined) => (value === null || value === undefined ? "—" : number.format(value)),
    compact: (value: number) => (Math.abs(value) < 10_000 ? number.format(value) : compact.format(value)),
    percent: (share: number) =>
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(share),
    /** A difference of two shares in percentage points, always with its sign. */
    points: (difference: number) => signed.format(difference * 100),
    money: (value: string, currency: string) => moneyWords(locale, Number(value), currency),
    time: written({ ...clock, second: "2-digit" }),
    dateTime: written({ year: "numeric", month: "short", day: "numeric", ...clock }),
    moment,
    exact: (at: Instant) => (at ? `${moment(at)} ${zoneName(zone, at)}` : "—"),
    /** A day without its year; a plain date is that day in every zone. */
    date: (at: Instant) => shortDay(typeof at === "string" && at.length === 10 ? `${at}T00:00` : at),
    day: written({ weekday: "long", year: "numeric", month: "long", day: "numeric" }),
    ago: (at: Instant) => (at ? sinceWords(relative, now() - new Date(at).getTime()) : "—"),
    span: (seconds: number) => spanWords(locale, seconds),
    list: (items: string[], type: "conjunction" | "disjunction" = "conjunction") =>
      new Intl.ListFormat(locale, { type, style: "long" }).format(items),
  };
}

export function useFormat(): Format {
  const language = useLanguage();
  return useMemo(() => formats(language), [language]);
}

/** The zone's short name stands last in every language; Intl would put it between date and time in Chinese. */
const zoneName = (zone: Intl.DateTimeFormat, at: string | number | Date) =>
  zone.formatToParts(new Date(at)).find((part) => part.type === "timeZoneName")?.value ?? "";

const UNITS: [Intl.RelativeTimeFormatUnit & ("day" | "hour" | "minute" | "second"), number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

function sinceWords(relative: Intl.RelativeTimeFormat, passedMs: number): string {
  const seconds = Math.round(passedMs / 1000);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[3]!;
  return relative.format(-Math.round(seconds / size), unit);
}

function spanWords(locale: string, seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[3]!;
  const value = seconds / size;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: "long",
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

/** An amount in its currency; one in no currency that is known stays a plain number with what stands behind it. */
function moneyWords(locale: string, value: number, currency: string): string {
  const plain = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  if (!/^[A-Z]{3}$/.test(currency)) return `${new Intl.NumberFormat(locale, plain).format(value)} ${currency}`.trim();
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(value);
}
