/** A value typed as text, as the JSON value it means, and back. */

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

const ORDERED = new Set([">", ">=", "<", "<="]);

/** A comparison with another operator keeps its value in the shape that the operator takes. */
export function valueFor(op: string, value: unknown): unknown {
  if (op === "exists" || op === "not_exists") return undefined;
  if (op === "one_of") return Array.isArray(value) ? value : value === "" || value == null ? [] : [String(value)];
  const single = Array.isArray(value) ? (value[0] ?? "") : (value ?? "");
  return ORDERED.has(op) ? fromTyped(toTyped(single), "always") : single;
}

export const isOrdered = (op: string): boolean => ORDERED.has(op);
