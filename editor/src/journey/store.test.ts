/** The open draft: what a change does to selection, history and saving, against an engine that answers over HTTP. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepMine, saveNow, takeTheirs } from "./autosave";
import { catalog, draw, kinds, wires } from "./cast";
import { writePiece, readPiece } from "./file";
import { cut } from "./commands";
import { useEditor } from "./store";
import type { Graph } from "./types";

const editor = () => useEditor.getState();
const open = (graph: Graph) => editor().open("j1", catalog, { name: "Cart", graph, revision: 3, problems: [] });

/** An engine that keeps one draft and refuses a stale save, as the real one does. */
class Engine {
  revision = 3;
  graph: Graph = draw();
  saves = 0;
  down = false;
  answer = async (_path: string, sent: RequestInit): Promise<Response> => {
    if (this.down) throw new TypeError("unreachable");
    const draft = JSON.parse(String(sent.body)) as { revision: number; graph: Graph };
    this.saves += 1;
    if (draft.revision !== this.revision) {
      const newer = { graph: this.graph, revision: this.revision, updated_at: "", problems: [] };
      const body = { error: "stale", code: "draft:stale", where: { revision: this.revision }, draft: newer };
      return new Response(JSON.stringify(body), { status: 409 });
    }
    this.graph = draft.graph;
    this.revision += 1;
    return new Response(JSON.stringify({ revision: this.revision, problems: [] }), { status: 200 });
  };
}

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
  vi.stubGlobal("fetch", engine.answer);
});
afterEach(() => vi.unstubAllGlobals());

describe("changing the draft", () => {
  it("selects what was added, and nothing that an undo took away", () => {
    open(draw("t:absence"));
    const id = editor().add(kinds("wait"), { from: "t", exit: "next" })!;
    expect(editor().selection).toEqual([id]);
    editor().undo();
    expect(editor().selection).toEqual([]);
    editor().redo();
    expect(wires(editor().history.now)).toEqual([`t.next→${id}`]);
  });

  it("adds below the chosen node from the palette, and freely when nothing is chosen", () => {
    open(draw("t:absence next→x", "x:exit"));
    editor().select(["t"]);
    const below = editor().addBelowSelection(kinds("wait"), { x: 0, y: 0 });
    expect(wires(editor().history.now)).toContain(`t.next→${below}`);
    editor().select([]);
    const free = editor().addBelowSelection(kinds("wait"), { x: 900, y: 900 });
    expect(editor().history.now.edges.some((edge) => edge.to === free)).toBe(false);
  });

  it("pastes a piece copied from another journey under ids of its own", () => {
    const text = writePiece(cut(draw("a:wait next→b", "b:send_sms"), ["a", "b"]));
    open(draw("a:absence"));
    editor().paste(readPiece(text)!, { x: 400, y: 0 });
    const { nodes, edges } = editor().history.now;
    expect(new Set(nodes.map((node) => node.id)).size).toBe(3);
    expect(edges).toHaveLength(1);
    expect(editor().selection).toHaveLength(2);
  });

  it("changes nothing while a published version is on show", () => {
    open(draw("t:absence"));
    editor().show({ version: 1, graph: draw("t:absence next→x", "x:exit") });
    expect(editor().add(kinds("wait"), { from: "t", exit: "next" })).toBeNull();
    editor().show(null);
    expect(editor().save).toBe("saved");
  });
});

describe("saving", () => {
  it("saves a change once and says so", async () => {
    open(draw("t:absence"));
    editor().add(kinds("exit"), { from: "t", exit: "next" });
    expect(editor().save).toBe("pending");
    await saveNow();
    expect(editor().save).toBe("saved");
    expect(engine.graph).toEqual(editor().history.now);
    await saveNow();
    expect(engine.saves).toBe(1);
  });

  it("goes on with a change made while saving", async () => {
    open(draw("t:absence"));
    editor().rename("Carts");
    const first = saveNow();
    editor().rename("Carts left behind");
    await first;
    expect(editor().save).toBe("pending");
    await saveNow();
    expect(editor().save).toBe("saved");
  });

  it("keeps the change while the engine is away and saves it when it is back", async () => {
    open(draw("t:absence"));
    engine.down = true;
    editor().rename("Carts");
    await saveNow();
    expect(editor().save).toBe("offline");
    engine.down = false;
    await saveNow();
    expect(editor().save).toBe("saved");
  });

  it("never overwrites a colleague's draft: theirs can be taken, ours stays one undo away", async () => {
    open(draw("t:absence"));
    engine.revision = 9;
    engine.graph = draw("t:absence next→x", "x:exit");
    editor().add(kinds("wait"), { from: "t", exit: "next" });
    const ours = editor().history.now;
    await saveNow();
    expect(editor().save).toBe("conflict");
    takeTheirs();
    expect(editor().history.now).toEqual(engine.graph);
    expect(editor().revision).toBe(9);
    editor().undo();
    expect(editor().history.now).toBe(ours);
  });

  it("keeps ours on top of theirs when that is chosen", async () => {
    open(draw("t:absence"));
    engine.revision = 9;
    editor().add(kinds("wait"), { from: "t", exit: "next" });
    await saveNow();
    keepMine();
    await saveNow();
    expect(editor().save).toBe("saved");
    expect(engine.graph).toEqual(editor().history.now);
  });
});
