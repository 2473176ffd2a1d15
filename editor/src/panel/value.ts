/** A value typed as text, as the JSON value it means, and back. */
import type { ValueSort } from "@/journey/types";

/** true, false and short numbers mean themselves; a long row of digits is an id or a phone number and stays text. */
export function fromTyped(text: string, numbers: "always" | "short" | "never"): string | number | boolean {
  if (text === "true") return true;
  if (text === "false") return false;
  const number = Number(text);
  const plain = text.trim() !== "" && Number.isFinite(number);
  if (numbers === "always" && plain) return number;
  return numbers === "short" && plain && String(number) === text && text.length <= 9 ? number : text;
}

export function toTyped(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A comparison with another operator keeps its value in the shape that the operator takes. */
export function valueFor(sort: ValueSort, value: unknown): unknown {
  if (sort === "none") return undefined;
  if (sort === "list") return Array.isArray(value) ? value : value === "" || value == null ? [] : [String(value)];
  if (sort === "range") return Array.isArray(value) && value.length === 2 ? value : [number(value), ""];
  const single = Array.isArray(value) ? (value[0] ?? "") : (value ?? "");
  if (sort === "number" || sort === "days") return number(single);
  return sort === "date" && !/^\d{4}-\d\d-\d\d/.test(String(single)) ? "" : single;
}

function number(value: unknown): number | "" {
  const typed = fromTyped(toTyped(Array.isArray(value) ? value[0] : value), "always");
  return typeof typed === "number" ? typed : "";
}
