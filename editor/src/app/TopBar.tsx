/** The top bar's left part belongs to the page that is shown: it puts its name and its buttons there. */
import { createContext, useContext, type ReactNode } from "react";
import { createPortal } from "react-dom";

export const TopBarSlot = createContext<HTMLElement | null>(null);

/** Shows its children in the top bar for as long as the page is shown. */
export function TopBar({ children }: { children: ReactNode }) {
  const slot = useContext(TopBarSlot);
  return slot ? createPortal(children, slot) : null;
}
