/** Light or dark: the operator's choice on this browser, or what the system asks for. */
import { useEffect, useSyncExternalStore } from "react";
import { create } from "zustand";
import { cssVariables, type Mode } from "./theme";

export type Choice = Mode | "system";
const KEY = "journey.look";

function remembered(): Choice {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export const useLookChoice = create<{ choice: Choice; choose: (choice: Choice) => void }>((set) => ({
  choice: remembered(),
  choose: (choice) => {
    if (choice === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
    set({ choice });
  },
}));

/** Whether a media query holds now, kept current. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}

/** The mode shown now; it also puts the tokens on the document for our style sheets. */
export function useMode(): Mode {
  const choice = useLookChoice((look) => look.choice);
  const systemIsDark = useMedia("(prefers-color-scheme: dark)");
  const mode: Mode = choice === "system" ? (systemIsDark ? "dark" : "light") : choice;
  useEffect(() => {
    const root = document.documentElement;
    for (const [name, value] of Object.entries(cssVariables(mode))) root.style.setProperty(name, value);
    root.style.colorScheme = mode;
    root.dataset.mode = mode;
  }, [mode]);
  return mode;
}

/** True when the system asks for no motion. */
export const useStill = () => useMedia("(prefers-reduced-motion: reduce)");
/** True on a phone-sized window. */
export const useNarrow = () => useMedia("(max-width: 760px)");
