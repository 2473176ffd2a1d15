/** Templates in the form: how big their field is, and putting a variable into them. */
import type { Kind, SettingSpec } from "@/journey/types";

export type TemplateLook = "line" | "sms" | "page";

const LINE = 300;
const PAGE = 5_000;

/** A kind that has a signature sends text messages; short templates are one line, very long ones a whole page. */
export function templateLook(kind: Kind | null, spec: SettingSpec): TemplateLook {
  if (kind?.settings.some((one) => one.name === "sign_name")) return "sms";
  if (spec.max_length && spec.max_length <= LINE) return "line";
  return (spec.max_length ?? PAGE) >= PAGE ? "page" : "sms";
}

export function insertAt(text: string, start: number, end: number, piece: string): { text: string; cursor: number } {
  return { text: text.slice(0, start) + piece + text.slice(end), cursor: start + piece.length };
}
