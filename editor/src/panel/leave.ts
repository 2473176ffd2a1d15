/** Escape in a field goes back to the card, so that the next key is a key of the canvas and no letter in the field. */
import type { KeyboardEvent } from "react";

export function leaveField(event: KeyboardEvent<HTMLElement>): void {
  const field = event.target as HTMLElement;
  const listIsOpen = field.getAttribute("aria-expanded") === "true";
  if (event.key !== "Escape" || listIsOpen || !field.matches("input, textarea, [role=combobox]")) return;
  event.stopPropagation();
  field.blur();
  document.querySelector<HTMLElement>(".react-flow__node.selected")?.focus({ preventScroll: true });
}
