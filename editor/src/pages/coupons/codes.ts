/** Codes as they are pasted: one a line, perhaps with an end beside it, perhaps under a heading. */

export function countCodes(text: string): number {
  const lines = text.split(/\r?\n/).filter((line) => line.replaceAll(",", "").trim() !== "");
  return /^"?code"?\s*(,|$)/i.test(lines[0]?.trim() ?? "") ? lines.length - 1 : lines.length;
}
