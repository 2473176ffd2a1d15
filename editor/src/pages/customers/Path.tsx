/** The nodes a customer passed from one hold to the next, each with the exit taken and the reason as a sentence. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { PathNode } from "@/api/types";
import { useFormat } from "@/app/format";
import { useSay } from "@/app/i18n";
import { shelfColors } from "@/app/theme";
import { useKinds } from "@/ui/shelves";
import { reasonSentence } from "@/ui/reasons";

export function Path({ nodes }: { nodes: PathNode[] }) {
  return (
    <ol className="path">
      {nodes.map((node, i) => (
        <Passed key={`${node.node} ${i}`} node={node} />
      ))}
    </ol>
  );
}

function Passed({ node }: { node: PathNode }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const say = useSay();
  const { shelfOf, titleOf } = useKinds();
  const sentence = reasonSentence(node.reason, { t, format }, say(node.said));
  const messageId = node.reason?.why === "sent" ? node.reason.message_id : null;
  return (
    <li className="passed">
      <span
        className="passed-kind"
        style={{ color: shelfColors(shelfOf(node.kind)).ink, background: shelfColors(shelfOf(node.kind)).soft }}
      >
        {say(node.title) || titleOf(node.kind)}
      </span>
      <span className="passed-why">
        {sentence}
        {typeof messageId === "string" && (
          <>
            {" "}
            <Link to={`/messages/${messageId}`}>{t("seeMessage")}</Link>
          </>
        )}
      </span>
      {node.exit && <span className="passed-exit">{t(`exit.${node.exit}`, { defaultValue: node.exit })}</span>}
    </li>
  );
}
