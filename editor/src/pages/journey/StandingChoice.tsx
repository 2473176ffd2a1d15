/** Who is under way in older versions, and what becomes of them: finish, move (and where from deleted nodes), or leave. */
import Radio from "antd/es/radio";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import type { Handover, Policy, Standing } from "@/api/versions";
import { useLanguage, useSay } from "@/app/i18n";
import { isTrigger, kindOf } from "@/journey/catalog";
import { sentence } from "@/journey/sentences";
import { useCatalog } from "@/journey/store";
import type { Graph } from "@/journey/types";

type Props = { standing: Standing[]; graph: Graph; chosen: Handover; choose: (handover: Handover) => void };
const POLICIES: Policy[] = ["finish", "move", "exit"];
const OUT = "";

export function StandingChoice({ standing, graph, chosen, choose }: Props) {
  const { t } = useTranslation("publish");
  const count = standing.reduce((sum, one) => sum + one.waiting + one.armed, 0);
  if (standing.length === 0) return <p className="quiet">{t("nobody")}</p>;
  const hints = { finish: t("finishHint"), move: t("moveHint"), exit: t("leaveHint", { count }) };
  return (
    <>
      <ul className="standing" data-testid="publish-standing">
        {standing.map((one) => (
          <Row key={`${one.version} ${one.node}`} one={one} />
        ))}
      </ul>
      <h3 id="standing-ask">{t("ask")}</h3>
      <Radio.Group
        className="policies"
        aria-labelledby="standing-ask"
        value={chosen.standing}
        onChange={({ target }) => choose({ ...chosen, standing: target.value as Policy })}
      >
        {POLICIES.map((policy) => (
          <Radio key={policy} value={policy} data-testid={`standing-${policy}`}>
            {t(policy === "exit" ? "leave" : policy)}
            {chosen.standing === policy && <small>{hints[policy]}</small>}
          </Radio>
        ))}
      </Radio.Group>
      {chosen.standing === "move" && <Targets {...{ standing, graph, chosen, choose }} />}
    </>
  );
}

function Row({ one }: { one: Standing }) {
  const { t } = useTranslation("publish");
  const say = useSay();
  return (
    <li>
      <span>{one.node ? say(one.sentence) || one.node : t("noNode")}</span>
      <span className="quiet">
        {[
          one.waiting > 0 && t("waiting", { count: one.waiting }),
          one.armed > 0 && t("armed", { count: one.armed }),
          t("ofVersion", { version: one.version }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
      {one.deleted && (
        <span className="tag" data-tone="bad">
          {t("deleted")}
        </span>
      )}
    </li>
  );
}

/** One choice per deleted node, over all versions in which somebody waits there. */
function Targets({ standing, graph, chosen, choose }: Props) {
  const { t } = useTranslation("publish");
  const say = useSay();
  const language = useLanguage();
  const catalog = useCatalog();
  const lost = new Map(lostNodes(standing).map((one) => [one.node!, say(one.sentence) || one.node!]));
  if (lost.size === 0) return null;
  const nodes = graph.nodes.filter((node) => !isTrigger(catalog, node));
  const options = [
    ...nodes.map((node) => {
      const kind = kindOf(catalog, node.kind);
      return { value: node.id, label: kind ? sentence(catalog, kind, node.settings, language) : node.id };
    }),
    { value: OUT, label: t("out") },
  ];
  return (
    <div className="targets">
      <p>{t("targets")}</p>
      {[...lost].map(([id, name]) => (
        <label key={id}>
          <span>{name}</span>
          <Select
            aria-label={t("target", { node: name })}
            data-testid={`target-${id}`}
            placeholder={t("choose")}
            options={options}
            value={id in chosen.targets ? (chosen.targets[id] ?? OUT) : undefined}
            onChange={(to: string) => choose({ ...chosen, targets: { ...chosen.targets, [id]: to === OUT ? null : to } })}
          />
        </label>
      ))}
    </div>
  );
}

const lostNodes = (standing: Standing[]) => standing.filter((one) => one.deleted && one.waiting > 0 && one.node);

/** Whether everybody at a deleted node has somewhere to go. */
export const isSettled = (standing: Standing[], { standing: policy, targets }: Handover): boolean =>
  policy !== "move" || lostNodes(standing).every((one) => one.node! in targets);
