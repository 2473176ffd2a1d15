/** Which key does what on the canvas: one table for the keyboard and for the list that Shift+? shows. */
export type Act =
  | "add"
  | "delete"
  | "undo"
  | "redo"
  | "copy"
  | "cut"
  | "paste"
  | "duplicate"
  | "all"
  | "disable"
  | "fit"
  | "tidy"
  | "up"
  | "down"
  | "left"
  | "right"
  | "leave"
  | "help";

type Shortcut = { act: Act; keys: string[]; shown: string; group: "edit" | "move" | "view" };

/** `Mod` is Ctrl, or Command on a Mac. */
export const SHORTCUTS: Shortcut[] = [
  { act: "add", keys: ["Tab"], shown: "Tab", group: "edit" },
  { act: "delete", keys: ["Delete", "Backspace"], shown: "Delete", group: "edit" },
  { act: "disable", keys: ["d"], shown: "D", group: "edit" },
  { act: "undo", keys: ["Mod+z"], shown: "Ctrl Z", group: "edit" },
  { act: "redo", keys: ["Mod+y", "Mod+Shift+z"], shown: "Ctrl Y", group: "edit" },
  { act: "copy", keys: ["Mod+c"], shown: "Ctrl C", group: "edit" },
  { act: "cut", keys: ["Mod+x"], shown: "Ctrl X", group: "edit" },
  { act: "paste", keys: ["Mod+v"], shown: "Ctrl V", group: "edit" },
  { act: "duplicate", keys: ["Mod+d"], shown: "Ctrl D", group: "edit" },
  { act: "all", keys: ["Mod+a"], shown: "Ctrl A", group: "move" },
  { act: "up", keys: ["ArrowUp"], shown: "↑", group: "move" },
  { act: "down", keys: ["ArrowDown"], shown: "↓", group: "move" },
  { act: "left", keys: ["ArrowLeft"], shown: "←", group: "move" },
  { act: "right", keys: ["ArrowRight"], shown: "→", group: "move" },
  { act: "leave", keys: ["Escape"], shown: "Esc", group: "move" },
  { act: "fit", keys: ["1"], shown: "1", group: "view" },
  { act: "tidy", keys: ["t"], shown: "T", group: "view" },
  { act: "help", keys: ["?", "Shift+?"], shown: "Shift ?", group: "view" },
];

type Pressed = { key: string; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean; altKey: boolean };

export function actOf(pressed: Pressed): Act | undefined {
  if (pressed.altKey) return undefined;
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  const held = [pressed.ctrlKey || pressed.metaKey ? "Mod" : "", pressed.shiftKey ? "Shift" : "", key];
  const name = held.filter(Boolean).join("+");
  return SHORTCUTS.find((one) => one.keys.includes(name))?.act;
}
