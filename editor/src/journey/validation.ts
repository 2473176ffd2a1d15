/**
 * Marks the editor can set at once, before the server has read the draft: no trigger, open exits, unreachable nodes,
 * cycles, missing settings. The server's problems are the truth and take their place with the next saved draft.
 */
import { exitsOf, isTrigger, kindOf } from "./catalog";
import { isComplete } from "./rules";
import type { Catalog, Duration, Graph, GraphNode, Kind, Problem, SettingSpec, Text } from "./types";
import { cycleWithoutHold, reachable } from "./walk";
import { say } from "./words";

export const MAX_NODES = 1000;

export function validate(catalog: Catalog, graph: Graph): Problem[] {
  if (graph.nodes.length === 0) return [problem("graph:no_trigger", [], NO_TRIGGER, NO_TRIGGER_REMEDY)];
  return [
    ...triggerProblems(catalog, graph),
    ...graph.nodes.flatMap((node) => exitProblems(catalog, graph, node)),
    ...reachProblems(catalog, graph),
    ...cycleProblems(catalog, graph),
    ...graph.nodes.flatMap((node) => settingProblems(catalog, node)),
    ...(graph.nodes.length > MAX_NODES ? [problem("graph:too_many_nodes", [], TOO_LARGE, TOO_LARGE_REMEDY)] : []),
  ];
}

/**
 * What to show now: the server's answer for the graph it has read; for what was changed since, our own marks.
 *
 * Structure is judged as a whole, so ours counts until the next answer. A setting belongs to its node: the server's
 * word about a node stands for as long as that node is the same object.
 */
export function merge(local: Problem[], server: Problem[], read: Graph, now: Graph): Problem[] {
  if (read === now) return server;
  const before = new Map(read.nodes.map((node) => [node.id, node]));
  const changed = new Set(now.nodes.filter((node) => before.get(node.id) !== node).map((node) => node.id));
  const known = new Set(now.nodes.map((node) => node.id));
  const stale = (one: Problem) => one.nodes.some((id) => changed.has(id) || !known.has(id));
  return [
    ...local.filter((one) => STRUCTURE.has(one.code) || stale(one)),
    ...server.filter((one) => !STRUCTURE.has(one.code) && !stale(one)),
  ];
}

const STRUCTURE = new Set([
  "graph:no_trigger",
  "graph:unwired",
  "graph:unreachable",
  "graph:cycle",
  "graph:too_many_nodes",
]);

const NO_TRIGGER: Text = { en: "Nothing starts this journey.", zh: "没有什么会启动这个旅程。" };
const NO_TRIGGER_REMEDY: Text = { en: "Add a trigger.", zh: "请添加一个触发器。" };
const TOO_LARGE: Text = { en: `A journey has at most ${MAX_NODES} nodes.`, zh: `一个旅程最多 ${MAX_NODES} 个节点。` };
const TOO_LARGE_REMEDY: Text = { en: "Split it into two journeys.", zh: "请拆成两个旅程。" };

function problem(code: string, nodes: string[], message: Text, remedy: Text, setting?: string): Problem {
  return { code, severity: "error", message, remedy, nodes, setting };
}

function titles(catalog: Catalog, node: GraphNode): Text {
  return kindOf(catalog, node.kind)?.title ?? { en: node.kind, zh: node.kind };
}

function triggerProblems(catalog: Catalog, graph: Graph): Problem[] {
  if (graph.nodes.some((node) => isTrigger(catalog, node))) return [];
  return [problem("graph:no_trigger", [], NO_TRIGGER, NO_TRIGGER_REMEDY)];
}

function exitProblems(catalog: Catalog, graph: Graph, node: GraphNode): Problem[] {
  const wired = new Set(graph.edges.filter((edge) => edge.from === node.id).map((edge) => edge.exit));
  const title = titles(catalog, node);
  return exitsOf(catalog, node)
    .filter((exit) => exit.required && !wired.has(exit.id))
    .map((exit) =>
      problem(
        "graph:unwired",
        [node.id],
        {
          en: `“${title.en}” leads nowhere at its exit “${exit.title.en}”.`,
          zh: `“${title.zh}”的出口“${exit.title.zh}”没有连接。`,
        },
        { en: "Connect it, or end there with an Exit.", zh: "请连接到下一个节点，或用“退出”结束。" },
      ),
    );
}

function reachProblems(catalog: Catalog, graph: Graph): Problem[] {
  const triggers = graph.nodes.filter((node) => isTrigger(catalog, node)).map((node) => node.id);
  if (triggers.length === 0) return [];
  const seen = reachable(graph, triggers);
  return graph.nodes
    .filter((node) => !seen.has(node.id))
    .map((node) => {
      const title = titles(catalog, node);
      return problem(
        "graph:unreachable",
        [node.id],
        { en: `Nobody can reach “${title.en}”.`, zh: `没有客户能到达“${title.zh}”。` },
        { en: "Lead an exit to it, or delete it.", zh: "请把某个出口连到它，或删除它。" },
      );
    });
}

/** Waits hold a customer; every other kind lets them pass in the same moment. */
function cycleProblems(catalog: Catalog, graph: Graph): Problem[] {
  const holds = (node: GraphNode) => !node.disabled && kindOf(catalog, node.kind)?.shelf === "timing";
  const cycle = cycleWithoutHold(graph, holds);
  if (cycle.length === 0) return [];
  return [
    problem(
      "graph:cycle",
      cycle,
      { en: "Customers would go round here without ever waiting.", zh: "客户会在这里不停循环，没有任何等待。" },
      { en: "Put a wait into the cycle.", zh: "请在循环中加入一个等待。" },
    ),
  ];
}

function settingProblems(catalog: Catalog, node: GraphNode): Problem[] {
  const kind = kindOf(catalog, node.kind);
  if (!kind) return [];
  return missing(kind, node).map((spec) => {
    const title = titles(catalog, node);
    return problem(
      "graph:setting",
      [node.id],
      { en: `“${title.en}” needs “${spec.title.en}”.`, zh: `“${title.zh}”需要填写“${spec.title.zh}”。` },
      { en: "Fill it in.", zh: "请填写。" },
      spec.name,
    );
  });
}

/** The settings of a node that must be filled in and are not. */
export function missing(kind: Kind, node: GraphNode): SettingSpec[] {
  return kind.settings.filter((spec) => spec.required && !isFilled(spec, node.settings[spec.name]));
}

export function isFilled(spec: SettingSpec, value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (spec.type === "rule") return isComplete(value);
  if (spec.type === "duration") return Number((value as Duration).amount) > 0;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "string" || value.trim() !== "";
}

export function problemText(one: Problem, language: "en" | "zh"): string {
  return [say(one.message, language), say(one.remedy, language)].filter(Boolean).join(language === "zh" ? "" : " ");
}
