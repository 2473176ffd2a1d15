import { expect, it } from "vitest";
import { countCodes } from "./codes";

it("counts one code a line, without the heading and empty lines", () => {
  expect(countCodes("")).toBe(0);
  expect(countCodes("A1\r\nA2\n\n,\nA3\n")).toBe(3);
  expect(countCodes("code,expires_at\nA1,2026-12-31\nA2,")).toBe(2);
  expect(countCodes("CODE7\nA2")).toBe(2);
});
