/** Somebody else saved this draft first: theirs or mine, never a silent overwrite. */
import Button from "antd/es/button";
import Modal from "antd/es/modal";
import { useTranslation } from "react-i18next";
import { keepMine, takeTheirs } from "@/journey/autosave";
import { useEditor } from "@/journey/store";

export function ConflictDialog() {
  const { t } = useTranslation("canvas");
  const conflict = useEditor((state) => state.save === "conflict");
  const theirs = useEditor((state) => state.theirs);
  const mine = useEditor((state) => state.history.now.nodes.length);
  return (
    <Modal
      open={conflict}
      title={t("conflict.title")}
      closable={false}
      footer={[
        <Button key="mine" data-testid="keep-mine" onClick={keepMine}>
          {t("conflict.mine")}
        </Button>,
        <Button key="theirs" type="primary" data-testid="take-theirs" disabled={!theirs} onClick={takeTheirs}>
          {t("conflict.theirs")}
        </Button>,
      ]}
    >
      <p>{t("conflict.hint")}</p>
      {theirs && <p className="quiet">{t("conflict.sizes", { theirs: theirs.graph.nodes.length, mine })}</p>}
    </Modal>
  );
}
