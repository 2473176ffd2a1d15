/** The head of the panel: which node this is, and what can be done with it as a whole. */
import EllipsisOutlined from "@ant-design/icons/es/icons/EllipsisOutlined";
import Dropdown from "antd/es/dropdown";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/app/i18n";
import { IconTile } from "@/faces/icons";
import { replaceKind, toggleDisabled } from "@/journey/commands";
import { useCatalog, useEditor, useReadOnly } from "@/journey/store";
import type { GraphNode, Kind } from "@/journey/types";
import { say } from "@/journey/words";

export function NodeHead({ node, kind }: { node: GraphNode; kind: Kind | undefined }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const readOnly = useReadOnly();
  return (
    <>
      <IconTile icon={kind?.icon ?? ""} shelf={kind?.shelf ?? ""} />
      <div className="panel-title">
        <h2>{kind ? say(kind.title, language) : node.kind}</h2>
        {kind && <p title={say(kind.help, language)}>{say(kind.help, language)}</p>}
      </div>
      {!readOnly && <NodeMenu node={node} kind={kind} label={t("panel.more")} />}
    </>
  );
}

function NodeMenu({ node, kind, label }: { node: GraphNode; kind: Kind | undefined; label: string }) {
  const { t } = useTranslation("canvas");
  const language = useLanguage();
  const catalog = useCatalog();
  const { run, duplicate, remove } = useEditor.getState();
  const others = catalog.kinds.filter((one) => one.role === (kind?.role ?? "node") && one.kind !== node.kind);
  const isNode = kind?.role !== "trigger";
  const items = [
    { key: "duplicate", label: t("panel.duplicate") },
    ...(isNode ? [{ key: "disable", label: t(node.disabled ? "panel.enable" : "panel.disable") }] : []),
    {
      key: "become",
      label: t("panel.replace"),
      children: others.map((one) => ({ key: one.kind, label: say(one.title, language) })),
    },
    { type: "divider" as const },
    { key: "delete", label: t("panel.delete"), danger: true },
  ];
  const act = (path: string[]) => {
    const [key, parent] = path;
    if (parent === "become") run((graph) => replaceKind(graph, { catalog, id: node.id, kind: key! }));
    else if (key === "duplicate") duplicate();
    else if (key === "disable") run((graph) => toggleDisabled(graph, { catalog, ids: [node.id] }));
    else if (key === "delete") remove([node.id]);
  };
  return (
    <Dropdown trigger={["click"]} menu={{ items, onClick: ({ keyPath }) => act(keyPath) }}>
      <button type="button" className="icon-button" aria-label={label} title={label}>
        <EllipsisOutlined />
      </button>
    </Dropdown>
  );
}
