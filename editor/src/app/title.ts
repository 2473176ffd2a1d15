/** The browser tab says which page it shows, so that several open tabs can be told apart. */
import { useEffect } from "react";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Journey Engine` : "Journey Engine";
    return () => {
      document.title = "Journey Engine";
    };
  }, [title]);
}
