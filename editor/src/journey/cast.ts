/** The cast of the editor's tests: a small catalog with every sort of exit and setting, and graphs drawn with it. */
import { newNode, kindOf } from "./catalog";
import { emptyGraph, type Catalog, type Exit, type Graph, type Kind, type SettingSpec, type Text } from "./types";

const both = (en: string, zh: string = en): Text => ({ en, zh });
const next: Exit = { id: "next", title: both("Next", "下一步"), sense: "neutral", required: true };

function kind(name: string, shelf: string, words: [Text, Text], rest: Partial<Kind>): Kind {
  const [title, sentence] = words;
  return {
    kind: name,
    role: "node",
    title,
    help: title,
    icon: name,
    shelf,
    sentence,
    exits: [next],
    settings: [],
    ...rest,
  };
}

const setting = (name: string, type: SettingSpec["type"], more: Partial<SettingSpec> = {}): SettingSpec => ({
  name,
  type,
  title: both(name),
  ...more,
});

const operator = (op: string, en: string, zh: string, takes_value = true) => ({ op, title: both(en, zh), takes_value });

export const catalog: Catalog = {
  journey: [],
  operators: [
    operator("is", "is", "是"),
    operator("one_of", "is one of", "属于"),
    operator(">=", "is at least", "不小于"),
    operator("exists", "exists", "存在", false),
  ],
  units: [
    { unit: "hours", seconds: 3600, one: both("hour", "小时"), many: both("hours", "小时") },
    { unit: "days", seconds: 86400, one: both("day", "天"), many: both("days", "天") },
  ],
  shelves: [
    { id: "triggers", title: both("Triggers", "触发") },
    { id: "timing", title: both("Timing", "时间") },
    { id: "logic", title: both("Logic", "逻辑") },
    { id: "messages", title: both("Messages", "消息") },
    { id: "end", title: both("End", "结束") },
  ],
  kinds: [
    kind(
      "absence",
      "triggers",
      [
        both("Absence", "未发生"),
        both("{event} and then not {not_events} within {within}", "{event} 后 {within} 内没有 {not_events}"),
      ],
      {
        role: "trigger",
        settings: [
          setting("event", "event_name", { required: true, default: "" }),
          setting("not_events", "event_names", { required: true, default: [] }),
          setting("within", "duration", { required: true, default: { amount: 2, unit: "hours" } }),
        ],
      },
    ),
    kind("wait", "timing", [both("Wait", "等待"), both("Wait {duration}", "等待 {duration}")], {
      settings: [setting("duration", "duration", { required: true, default: { amount: 1, unit: "days" } })],
    }),
    kind(
      "wait_until_event",
      "timing",
      [both("Wait until", "等到"), both("Wait until {events}, at most {timeout}", "等到 {events}，最多 {timeout}")],
      {
        exits: [
          { each: "events", sense: "yes", required: true },
          { id: "timeout", title: both("Timeout", "超时"), sense: "timeout", required: true },
        ],
        settings: [
          setting("events", "list", { default: [{ id: "paid", name: "Paid", event: "Order Completed" }] }),
          setting("timeout", "duration", { default: { amount: 20, unit: "hours" } }),
        ],
      },
    ),
    kind("condition", "logic", [both("Condition", "条件"), both("{rule}")], {
      exits: [
        { id: "yes", title: both("Yes", "是"), sense: "yes", required: true },
        { id: "no", title: both("No", "否"), sense: "no", required: true },
      ],
      settings: [setting("rule", "rule", { required: true, default: { all: [] } })],
    }),
    kind("random_split", "logic", [both("Split", "分流"), both("{arms}")], {
      exits: [{ each: "arms", sense: "neutral", required: true }],
      settings: [
        setting("arms", "list", {
          default: [
            { id: "a", name: "A", weight: 50 },
            { id: "b", name: "B", weight: 50 },
          ],
        }),
      ],
    }),
    kind("send_sms", "messages", [both("Send SMS", "发送短信"), both("{text}")], {
      exits: [next, { id: "failed", title: both("Failed", "失败"), sense: "failed", required: false }],
      settings: [
        setting("text", "template", { required: true, default: "" }),
        setting("class", "choice", { choices: [{ value: "marketing", title: both("Marketing", "营销") }] }),
      ],
    }),
    kind("exit", "end", [both("Exit", "退出"), both("Leave the journey", "离开旅程")], { exits: [] }),
  ],
};

export const kinds = (name: string): Kind => kindOf(catalog, name)!;

/** A graph from lines like `"t:absence next→w"`: one node a line with its edges, one below the other. */
export function draw(...lines: string[]): Graph {
  const graph = emptyGraph();
  lines.forEach((line, row) => {
    const [name, ...edges] = line.split(" ");
    const [id, kindName] = name!.split(":");
    graph.nodes.push(newNode(kinds(kindName!), id!, { x: 0, y: row * 208 }));
    for (const edge of edges) {
      const [exit, to] = edge.split("→");
      graph.edges.push({ from: id!, exit: exit!, to: to! });
    }
  });
  return graph;
}

/** The edges of a graph as short words, sorted: easy to compare and to read in a failure. */
export const wires = (graph: Graph): string[] =>
  graph.edges.map((edge) => `${edge.from}.${edge.exit}→${edge.to}`).sort();
