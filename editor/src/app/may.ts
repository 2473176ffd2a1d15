/** What the signed-in operator may do; the engine refuses the rest, so the editor does not offer it. */
import { useMe } from "@/api/queries";

export type Right = "edit" | "administer";

const rights: Record<Right, string[]> = { edit: ["marketer", "admin"], administer: ["admin"] };

export function useMay(): (right: Right) => boolean {
  const role = useMe().data?.operator.role ?? "viewer";
  return (right) => rights[right].includes(role);
}
