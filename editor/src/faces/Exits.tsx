/** The exits of a card along its bottom edge: each with its label, its handle, and a "+" while it leads nowhere. */
import { Handle, Position } from "@xyflow/react";
import { useLanguage } from "@/app/i18n";
import type { Exit } from "@/journey/types";
import { say } from "@/journey/words";
import { Plus } from "./Plus";

type Props = { node: string; exits: Exit[]; wired: string; readOnly: boolean };

export function Exits({ node, exits, wired, readOnly }: Props) {
  const language = useLanguage();
  const led = new Set(wired.split("\n"));
  const alone = exits.length === 1 && exits[0]!.sense === "neutral";
  return (
    <div className={alone ? "exits exits-alone" : "exits"}>
      {exits.map((exit, index) => {
        const label = say(exit.title, language);
        const at = `${((index + 0.5) / exits.length) * 100}%`;
        const open = !led.has(exit.id);
        return (
          <div key={exit.id} className="exit" data-sense={exit.sense} data-open={open || undefined}>
            <span className="exit-label" title={label}>
              {label}
            </span>
            <Handle id={exit.id} type="source" position={Position.Bottom} style={{ left: at }} aria-label={label} />
            {open && !readOnly && (
              <span className="exit-open" style={{ left: at }} data-quiet={!exit.required || undefined}>
                <Plus from={node} exit={exit.id} label={label} quiet={!exit.required} needed={exit.required} />
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}
