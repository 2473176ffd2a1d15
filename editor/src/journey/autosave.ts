/**
 * Saving the draft by itself: 800 ms after the last change, one save at a time.
 *
 *   saved → pending → saving → saved            every change while saving makes it pending again
 *                       ├→ offline  → saving     tried again until the engine answers
 *                       ├→ conflict              somebody saved before us: theirs or ours, the marketer decides
 *                       └→ refused               the engine cannot take it; the next change tries again
 */
import { useEffect } from "react";
import { ApiError } from "@/api/client";
import { saveDraft, type DraftAnswer } from "./queries";
import { record } from "./history";
import { useEditor } from "./store";
import { validate } from "./validation";

export const PAUSE_MS = 800;
const RETRY_MS = 3000;

export function useAutosave(): void {
  const save = useEditor((state) => state.save);
  const graph = useEditor((state) => state.history.now);
  const name = useEditor((state) => state.name);
  useEffect(() => {
    if (save !== "pending" && save !== "offline") return;
    const timer = setTimeout(() => void saveNow(), save === "offline" ? RETRY_MS : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [save, graph, name]);
  useEffect(() => {
    const hold = (event: BeforeUnloadEvent) => {
      if (useEditor.getState().save !== "saved") event.preventDefault();
    };
    addEventListener("beforeunload", hold);
    return () => {
      removeEventListener("beforeunload", hold);
      void saveNow();
    };
  }, []);
}

let running: Promise<void> | null = null;

/** Save what is not saved yet; resolves when the engine has answered. */
export async function saveNow(): Promise<void> {
  if (running) await running;
  const { save } = useEditor.getState();
  if (save !== "pending" && save !== "offline") return;
  running = send().finally(() => (running = null));
  await running;
}

async function send(): Promise<void> {
  const { journeyId, history, name, revision } = useEditor.getState();
  const graph = history.now;
  useEditor.setState({ save: "saving" });
  const stillOpen = () => useEditor.getState().journeyId === journeyId;
  try {
    const answer = await saveDraft(journeyId, { revision, graph, name });
    if (!stillOpen()) return;
    const changed = useEditor.getState().history.now !== graph || useEditor.getState().name !== name;
    useEditor.setState({
      revision: answer.revision,
      serverProblems: answer.problems,
      serverGraph: graph,
      save: changed ? "pending" : "saved",
    });
  } catch (trouble) {
    if (stillOpen()) takeRefusal(trouble);
  }
}

/** A colleague's draft comes with a refusal, which is no time for the engine to look for its problems. */
type NewerDraft = Omit<DraftAnswer, "problems"> & { name?: string };

function takeRefusal(trouble: unknown): void {
  const refused = trouble instanceof ApiError ? trouble : null;
  if (refused?.status === 409) {
    const theirs = (refused.body as { draft?: NewerDraft } | null)?.draft;
    const revision = theirs?.revision ?? Number(refused.where.revision);
    const draft = theirs && { problems: [], ...theirs, name: theirs.name ?? useEditor.getState().name };
    useEditor.setState({ save: "conflict", theirs: draft ?? null, theirRevision: revision });
    return;
  }
  const final = refused && refused.status >= 400 && refused.status < 500;
  useEditor.setState({ save: final ? "refused" : "offline" });
}

/** The newer draft of a colleague replaces ours; ours stays one undo away. */
export function takeTheirs(): void {
  const { theirs, catalog, history } = useEditor.getState();
  if (!theirs) return;
  useEditor.setState({
    name: theirs.name,
    history: record(history, theirs.graph, Date.now()),
    revision: theirs.revision,
    serverProblems: theirs.problems,
    serverGraph: theirs.graph,
    localProblems: validate(catalog, theirs.graph),
    theirs: null,
    save: "saved",
    selection: [],
  });
}

/** Ours replaces the newer draft: saved again on top of it, seen by whoever made it as a conflict of theirs. */
export function keepMine(): void {
  const { theirRevision } = useEditor.getState();
  useEditor.setState({ revision: theirRevision, theirs: null, save: "pending" });
}
