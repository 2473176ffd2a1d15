/** The list of keys. */
import Modal from "antd/es/modal";
import { useTranslation } from "react-i18next";
import { SHORTCUTS } from "./shortcuts";
import { useCanvasUi } from "./ui";

export function ShortcutsDialog() {
  const { t } = useTranslation("canvas");
  const open = useCanvasUi((ui) => ui.shortcuts);
  const set = useCanvasUi((ui) => ui.set);
  return (
    <Modal title={t("keys.title")} open={open} footer={null} onCancel={() => set({ shortcuts: false })} width={640}>
      <div className="shortcuts">
        {(["edit", "move", "view"] as const).map((group) => (
          <section key={group}>
            <h3>{t(`keys.${group}`)}</h3>
            <dl>
              {SHORTCUTS.filter((one) => one.group === group).map((one) => (
                <div key={one.act}>
                  <dt>{t(`keys.acts.${one.act}`)}</dt>
                  <dd>
                    {one.shown.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
