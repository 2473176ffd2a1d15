/** What a version changes, as a marketer reads it: nodes, settings, ways, timing, and who enters. */
import { useTranslation } from "react-i18next";
import type { Change, Diff } from "@/api/versions";
import { useSay } from "@/app/i18n";

type Line = { key: string; what: string; how?: string };

export function Changes({ diff, first }: { diff: Diff; first: boolean }) {
  const { t } = useTranslation("publish");
  const groups = useGroups(diff);
  if (first) return <p className="quiet">{t("first")}</p>;
  if (groups.length === 0) return <p className="quiet">{t("nothing")}</p>;
  return (
    <dl className="changes" data-testid="publish-changes">
      {groups.map(([name, lines]) => (
        <div key={name} data-sort={name}>
          <dt>{t(name)}</dt>
          {lines.map((line) => (
            <dd key={line.key}>
              {line.what}
              {line.how && <small>{line.how}</small>}
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

function useGroups(diff: Diff): [string, Line[]][] {
  const { t } = useTranslation("publish");
  const say = useSay();
  const fromTo = (before: string, after: string) => t("from", { before, after });
  const told = (one: Change): Line => ({
    key: one.node ?? say(one.title),
    what: say(one.title),
    how: fromTo(say(one.before) || t("nothingBefore"), say(one.after) || t("nothingAfter")),
  });
  const changed = diff.changed.flatMap((one) =>
    one.settings.map((setting) => ({
      key: `${one.node} ${setting.name}`,
      what: `${say(one.title)} · ${say(setting.title)}`,
      how: fromTo(say(setting.before), say(setting.after)),
    })),
  );
  const rewired = diff.rewired.map((one) => ({
    key: `${one.node} ${one.exit}`,
    what: `${say(one.sentence)} · ${t("exit", { exit: one.exit })}`,
    how: fromTo(say(one.before), say(one.after)),
  }));
  const groups: [string, Line[]][] = [
    ["added", diff.added.map((one) => ({ key: one.node, what: say(one.sentence) }))],
    ["removed", diff.removed.map((one) => ({ key: one.node, what: say(one.sentence) }))],
    ["changed", changed],
    ["rewired", rewired],
    ["timing", diff.timing.map(told)],
    ["audience", diff.audience.map(told)],
  ];
  return groups.filter(([, lines]) => lines.length > 0);
}
