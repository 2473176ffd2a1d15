/** Names for what a journey knows by id only: segments, other journeys, pools, and the nodes of a journey. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { usePoolNames } from "@/api/coupons";
import { useCatalogPage, useJourneys } from "@/api/queries";
import { useSegmentNames } from "@/api/segments";
import { get } from "@/api/client";
import { useLanguage } from "@/app/i18n";
import { kindOf, listItems } from "./catalog";
import type { Journey } from "./queries";
import { ruleSentence, wordsOf, type Names } from "./ruleSentence";
import { sentence } from "./sentences";
import { graphOf, useEditor } from "./store";
import type { Catalog, Graph, Language } from "./types";
import { say } from "./words";

/** Asked for by everybody who says sentences; the lists behind it are small and shared. */
export function useNames(): Names {
  const segments = useSegmentNames().data?.items;
  const pools = usePoolNames().data?.items;
  const journeys = useJourneys().data?.items;
  return useMemo(() => {
    const named = [...(segments ?? []), ...(pools ?? []), ...(journeys ?? [])];
    return Object.fromEntries(named.map(({ id, name }) => [id, name]));
  }, [segments, pools, journeys]);
}

/** Keeps the names where the cards of the open journey find them. */
export function useKeepNames(): void {
  const names = useNames();
  useEffect(() => useEditor.setState({ names }), [names]);
}

/** The names a sentence about the open journey may need: the workspace's, and this journey's nodes and goals. */
export function useKnownNames(): Names {
  const language = useLanguage();
  return useEditor((state) => knownNames(state.names, state.catalog, graphOf(state), language));
}

const keys = new WeakMap<Graph, string>();

/** What names depend on, as one text; a graph is asked once, however many cards show it. */
function keyOf(graph: Graph): string {
  const kept = keys.get(graph);
  if (kept !== undefined) return kept;
  const key = JSON.stringify([graph.nodes.map(({ id, kind }) => [id, kind]), listItems(graph.settings, "goals")]);
  keys.set(graph, key);
  return key;
}

let known: { key: string; names: Names; result: Names } = { key: "", names: {}, result: {} };

/** One answer for all cards, and the same one until a node comes, goes or changes its kind: else every card is redrawn. */
function knownNames(names: Names, catalog: Catalog, graph: Graph, language: Language): Names {
  const key = language + keyOf(graph);
  if (key === known.key && names === known.names) return known.result;
  const nodes = graph.nodes.map(({ id, kind }) => [id, say(kindOf(catalog, kind)?.title, language) || kind]);
  const aims = listItems(graph.settings, "goals").map((one) => [String(one.id), String(one.name || one.id)]);
  known = { key, names, result: { ...names, ...Object.fromEntries([...nodes, ...aims]) } };
  return known.result;
}

export type NodeChoice = { id: string; kind: string; shelf: string; role: string; title: string; sentence: string };

/** A journey's graph: the open one's as it is drawn now, another one's as the engine has it. */
export function useJourneyGraph(journey?: string): { graph: Graph | undefined; pending: boolean } {
  const open = useEditor(graphOf);
  const own = useEditor((state) => state.journeyId);
  const foreign = Boolean(journey) && journey !== own;
  const asked = useQuery({
    queryKey: ["journeys", journey, "graph"],
    queryFn: ({ signal }) => get<Journey>(`/journeys/${journey}`, {}, signal),
    enabled: foreign,
    staleTime: 30_000,
  });
  return { graph: foreign ? asked.data?.draft.graph : open, pending: foreign && asked.isPending };
}

/** The nodes of a journey to choose from, in the order they stand; without an id, those of the open journey. */
export function useNodesOf(journey?: string): { items: NodeChoice[]; pending: boolean } {
  const language = useLanguage();
  const catalog = useCatalogPage().data as Catalog | undefined;
  const { graph, pending } = useJourneyGraph(journey);
  const items = useMemo(() => (graph && catalog ? choices(catalog, graph, language) : []), [graph, catalog, language]);
  return { items, pending };
}

function choices(catalog: Catalog, graph: Graph, language: Language): NodeChoice[] {
  const downwards = [...graph.nodes].sort((a, b) => a.position.y - b.position.y || a.position.x - b.position.x);
  return downwards.map((node) => {
    const kind = kindOf(catalog, node.kind);
    return {
      id: node.id,
      kind: node.kind,
      shelf: kind?.shelf ?? "end",
      role: kind?.role ?? "node",
      title: say(kind?.title, language) || node.kind,
      sentence: kind ? sentence(catalog, kind, node.settings, language) : "",
    };
  });
}

/** A rule as a sentence, with the names of what it speaks of. */
export function useRuleWords(): (rule: unknown) => string {
  const catalog = useCatalogPage().data as Catalog | undefined;
  const language = useLanguage();
  const workspace = useNames();
  const nodes = useKnownNames();
  return (rule) => (catalog ? ruleSentence(rule, wordsOf(catalog, language, { ...nodes, ...workspace })) : "");
}
