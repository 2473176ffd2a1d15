/** Times of day as people type them, and cron expressions as people read them. */

/** "7:30", "0730", "7" as "07:30"; null when it is no time of day. */
export function readTime(typed: string): string | null {
  const plain = typed.trim().replace("：", ":").replace(".", ":");
  const match = /^(\d{1,2}):(\d{2})$/.exec(plain) ?? /^(\d{1,2})(\d{2})?$/.exec(plain);
  if (!match) return null;
  const [hour, minute] = [Number(match[1]), Number(match[2] ?? 0)];
  const exists = (hour < 24 && minute < 60) || (hour === 24 && minute === 0);
  return exists ? `${pad(hour)}:${pad(minute)}` : null;
}

export const pad = (number: number): string => String(number).padStart(2, "0");
