/** What a marketer types becomes the value the engine compares. */
import { describe, expect, it } from "vitest";
import { insertAt, templateLook } from "./template";
import { fromTyped, toTyped, valueFor } from "./value";
import { kinds } from "@/journey/cast";

describe("typed values", () => {
  it("are numbers and booleans where they read as such, and phone numbers stay text", () => {
    expect(fromTyped("200", "short")).toBe(200);
    expect(fromTyped("true", "never")).toBe(true);
    expect(fromTyped("13800138000", "short")).toBe("13800138000");
    expect(fromTyped("007", "short")).toBe("007");
    expect(fromTyped("12.50", "always")).toBe(12.5);
    expect(fromTyped("", "always")).toBe("");
    expect(toTyped(undefined)).toBe("");
  });

  it("keep their meaning when the comparison changes", () => {
    expect(valueFor("list", "gold")).toEqual(["gold"]);
    expect(valueFor("any", ["gold", "silver"])).toBe("gold");
    expect(valueFor("number", "200")).toBe(200);
    expect(valueFor("range", "200")).toEqual([200, ""]);
    expect(valueFor("date", "gold")).toBe("");
    expect(valueFor("none", "gold")).toBeUndefined();
  });
});

describe("templates", () => {
  it("take a variable where the cursor is", () => {
    expect(insertAt("Hi !", 3, 3, "{{ customer.name }}")).toEqual({ text: "Hi {{ customer.name }}!", cursor: 22 });
    expect(insertAt("Hi XX!", 3, 5, "{{ a }}").text).toBe("Hi {{ a }}!");
  });

  it("look like what they are: a line, a text message, a page", () => {
    const sms = {
      ...kinds("send_sms"),
      settings: [
        ...kinds("send_sms").settings,
        { name: "sign_name", type: "text" as const, title: { en: "", zh: "" } },
      ],
    };
    const spec = { name: "text", type: "template" as const, title: { en: "", zh: "" } };
    expect(templateLook(sms, { ...spec, max_length: 500 })).toBe("sms");
    expect(templateLook(kinds("wait"), { ...spec, max_length: 300 })).toBe("line");
    expect(templateLook(kinds("wait"), { ...spec, max_length: 200_000 })).toBe("page");
  });
});
