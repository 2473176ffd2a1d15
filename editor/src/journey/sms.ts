/** Counting the parts an SMS is billed as: 70 characters are one part, a longer one is cut into parts of 67. */
export const ONE_PART = 70;
export const LONG_PART = 67;

export type SmsLength = { characters: number; parts: number; about: boolean };

/** The length as sent: 【signature】 counts; text with variables can only be counted about. */
export function smsLength(text: string, signName: string): SmsLength {
  const about = /\{[{%]/.test(text);
  const plain = text.replace(/\{%.*?%\}/gs, "").replace(/\{\{.*?\}\}/gs, VARIABLE);
  const characters = plain.length + (signName && text ? signName.length + 2 : 0);
  const parts = characters === 0 ? 0 : characters <= ONE_PART ? 1 : Math.ceil(characters / LONG_PART);
  return { characters, parts, about };
}

/** A variable counts as a name of six characters until a real customer's value is known. */
const VARIABLE = "······";
