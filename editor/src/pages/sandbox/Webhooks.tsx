/** Calls that webhook nodes made, as they came in. */
import type { SandboxHook } from "@/api/types";
import { Ago, Json } from "@/ui/parts";

export function Webhooks({ calls }: { calls: SandboxHook[] }) {
  return (
    <ol className="hooks">
      {calls.map((call, i) => {
        const { at, id, url, path, body, ...rest } = call;
        return (
          <li key={id ?? i} className="card hook">
            <p className="hook-head">
              <code>{String(url ?? path ?? "")}</code>
              <span className="faint">
                <Ago at={at} />
              </span>
            </p>
            <Json value={body ?? rest} />
          </li>
        );
      })}
    </ol>
  );
}
