/** What the editor says about a graph: sentences, problems, layout, files, SMS parts. */
import { describe, expect, it } from "vitest";
import { catalog, draw, kinds } from "./cast";
import { changeSetting } from "./commands";
import { readFile, readPiece, writeFile, writePiece } from "./file";
import { CARD, placeBelow, tidy } from "./layout";
import { asGroup, isComplete, type Rule } from "./rules";
import { ruleSentence, wordsOf } from "./ruleSentence";
import { durationWords, sentence } from "./sentences";
import { smsLength } from "./sms";
import { merge, validate } from "./validation";
import { cycleWithoutHold, neighbour, nodeById, reachable } from "./walk";
import { emptyGraph } from "./types";

describe("sentences", () => {
  it("says a wait in both languages, one of a unit in the singular", () => {
    const settings = { duration: { amount: 2, unit: "hours" } };
    expect(sentence(catalog, kinds("wait"), settings, "en")).toBe("Wait 2 hours");
    expect(sentence(catalog, kinds("wait"), settings, "zh")).toBe("等待 2 小时");
    expect(durationWords(catalog, { amount: 1, unit: "days" }, "en")).toBe("1 day");
  });

  it("joins several events with or, and shows what is missing as an ellipsis", () => {
    const settings = {
      event: "Product Added",
      not_events: ["Order Completed", "Cart Emptied"],
      within: { amount: 2, unit: "hours" },
    };
    expect(sentence(catalog, kinds("absence"), settings, "en")).toBe(
      "Product Added and then not Order Completed or Cart Emptied within 2 hours",
    );
    expect(sentence(catalog, kinds("absence"), {}, "zh")).toBe("… 后 2 小时 内没有 …");
  });

  it("names the events of a wait and says when there is no limit", () => {
    const events = [{ id: "paid", name: "Paid", event: "Order Completed" }];
    expect(sentence(catalog, kinds("wait_until_event"), { events, timeout: { amount: 20, unit: "hours" } }, "en")).toBe(
      "Wait until Paid, at most 20 hours",
    );
    expect(sentence(catalog, kinds("wait_until_event"), { events, timeout: null }, "zh")).toBe(
      "等到 Paid，最多 不限时",
    );
  });

  it("reads a rule aloud with its groups", () => {
    const rule: Rule = {
      all: [
        { property: "value", op: ">=", value: 200 },
        {
          any: [
            { attribute: "tier", op: "is", value: "gold" },
            { not: { attribute: "city", op: "one_of", value: ["Paris", "Lyon"] } },
          ],
        },
        { event: "Order Completed", did: false, since: "entry", where: [{ property: "sku", op: "is", value: "A1" }] },
      ],
    };
    expect(ruleSentence(rule, wordsOf(catalog, "en"))).toBe(
      "value is at least 200 and (tier is gold or not city is one of Paris, Lyon) and did not do Order Completed with sku is A1 since entering",
    );
    expect(ruleSentence(rule, wordsOf(catalog, "zh"))).toBe(
      "value 不小于 200 且 (tier 是 gold 或 非 city 属于 Paris、Lyon) 且 进入后没有发生 Order Completed(sku 是 A1)",
    );
  });

  it("knows when a rule is still unfinished", () => {
    expect(isComplete({ all: [] })).toBe(false);
    expect(isComplete({ attribute: "tier", op: "is", value: "" })).toBe(false);
    expect(isComplete({ attribute: "tier", op: "exists" })).toBe(true);
    expect(isComplete({ property: "value", op: ">=", value: 0 })).toBe(true);
    expect(asGroup({ attribute: "tier", op: "exists" }).rows).toHaveLength(1);
  });
});

describe("problems", () => {
  const codes = (graph = emptyGraph()) =>
    validate(catalog, graph).map((one) => `${one.code} ${one.nodes.join(",")}`.trim());

  it("asks for a trigger when there is none", () => {
    expect(codes()).toEqual(["graph:no_trigger"]);
    expect(codes(draw("x:exit"))).toContain("graph:no_trigger");
  });

  it("names the node whose required exit leads nowhere, and lets optional ones be", () => {
    const graph = draw("t:absence next→s", "s:send_sms");
    expect(codes(graph)).toContain("graph:unwired s");
    expect(codes(graph).filter((code) => code.startsWith("graph:unwired"))).toHaveLength(1);
  });

  it("names nodes nobody can reach", () => {
    expect(codes(draw("t:absence next→x", "x:exit", "w:wait next→x"))).toContain("graph:unreachable w");
  });

  it("names the nodes of a cycle without a wait, and accepts one with a wait", () => {
    const round = draw("t:absence next→c", "c:condition yes→s no→x", "s:send_sms next→c", "x:exit");
    expect(codes(round).some((code) => code.startsWith("graph:cycle"))).toBe(true);
    const waiting = draw("t:absence next→c", "c:condition yes→w no→x", "w:wait next→c", "x:exit");
    expect(codes(waiting).some((code) => code.startsWith("graph:cycle"))).toBe(false);
  });

  it("names the setting that is missing", () => {
    const found = validate(catalog, draw("t:absence next→x", "x:exit")).filter((one) => one.code === "graph:setting");
    expect(found.map((one) => one.setting)).toEqual(["event", "not_events"]);
  });

  it("shows the server's word for the graph it has read, our marks for what changed since", () => {
    const read = draw("t:absence next→x", "x:exit");
    const server = validate(catalog, read).map((one) => ({ ...one, message: { en: "server", zh: "server" } }));
    expect(merge([], server, read, read)).toEqual(server);
    const now = changeSetting(read, { catalog, id: "t", name: "event", value: "Product Added" });
    const shown = merge(validate(catalog, now), server, read, now);
    expect(shown.map((one) => `${one.setting} ${one.message.en === "server"}`)).toEqual(["not_events false"]);
  });

  it("keeps the server's word about a node while another one is changed", () => {
    const read = draw("t:absence next→w", "w:wait next→x", "x:exit");
    const server = [
      { code: "graph:setting", severity: "error" as const, message: { en: "server", zh: "" }, nodes: ["t"] },
    ];
    const now = changeSetting(read, { catalog, id: "w", name: "duration", value: { amount: 3, unit: "days" } });
    expect(merge(validate(catalog, now), server, read, now)).toEqual(server);
  });
});

describe("layout", () => {
  it("tidies up without overlaps, what follows always below", () => {
    const graph = draw("t:absence next→c", "c:condition yes→a no→b", "a:wait next→x", "b:wait next→x", "x:exit");
    const laid = tidy(catalog, graph);
    for (const edge of laid.edges) {
      const gap = nodeById(laid, edge.to)!.position.y - nodeById(laid, edge.from)!.position.y;
      expect(gap).toBeGreaterThanOrEqual(CARD.height);
    }
    const [a, b] = [nodeById(laid, "a")!.position, nodeById(laid, "b")!.position];
    expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual(CARD.width);
    expect(a.x).toBeLessThan(b.x);
  });

  it("places the card of a single exit right below and those of two exits side by side", () => {
    const graph = draw("t:absence", "c:condition");
    expect(placeBelow(catalog, draw("t:absence"), "t", "next").x).toBe(0);
    expect(placeBelow(catalog, graph, "c", "yes").x).toBeLessThan(placeBelow(catalog, graph, "c", "no").x);
  });
});

describe("walking", () => {
  it("follows the edges down and up, and the nearest card sideways", () => {
    const graph = draw("t:absence next→a", "a:wait next→x", "x:exit");
    nodeById(graph, "x")!.position = { x: 304, y: 208 };
    expect(neighbour(graph, "t", "down")).toBe("a");
    expect(neighbour(graph, "a", "up")).toBe("t");
    expect(neighbour(graph, "a", "right")).toBe("x");
    expect(neighbour(graph, "t", "left")).toBeUndefined();
  });

  it("walks a thousand nodes in a chain and finds the cycle at its end", () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `n${index}:send_sms next→n${(index + 1) % 1000}`);
    const graph = draw(...lines);
    expect(reachable(graph, ["n0"]).size).toBe(1000);
    expect(cycleWithoutHold(graph, () => false)).toHaveLength(1000);
    expect(cycleWithoutHold(graph, (node) => node.id === "n500")).toEqual([]);
  });
});

describe("files", () => {
  it("brings a journey back without loss", () => {
    const graph = draw("t:absence next→x", "x:exit");
    expect(readFile(writeFile("弃购挽回", graph))).toEqual({ name: "弃购挽回", graph });
    const piece = { nodes: graph.nodes, edges: graph.edges };
    expect(readPiece(writePiece(piece))).toEqual(piece);
  });

  it("refuses what is no journey", () => {
    for (const text of ["", "hello", "[]", "{}", '{"nodes": [{}], "edges": []}', '{"nodes": [], "edges": [1]}']) {
      expect(readFile(text)).toBeNull();
      expect(readPiece(text)).toBeNull();
    }
  });
});

describe("SMS length", () => {
  it("bills 70 characters as one part and longer ones by 67", () => {
    expect(smsLength("字".repeat(70), "").parts).toBe(1);
    expect(smsLength("字".repeat(71), "").parts).toBe(2);
    expect(smsLength("字".repeat(135), "").parts).toBe(3);
  });

  it("counts the signature with its brackets and guesses variables", () => {
    expect(smsLength("字".repeat(66), "小店").characters).toBe(70);
    expect(smsLength("Hi {{ customer.first_name }}", "").about).toBe(true);
    expect(smsLength("", "小店").parts).toBe(0);
  });
});
