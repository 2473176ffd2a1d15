/** An SMS as a phone shows it: the signature in front, unless the text carries it already. */
export function signed(text: string, signature: string | null | undefined): string {
  return !signature || text.startsWith("【") ? text : `【${signature}】${text}`;
}
