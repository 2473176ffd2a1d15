/** The "+" that adds a node at an exit: on an edge it inserts, on an open exit it goes on. */
import PlusOutlined from "@ant-design/icons/es/icons/PlusOutlined";
import type { MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import { useCanvasUi } from "@/canvas/ui";
import { testIds } from "@/journey/testids";

type Props = { from: string; exit: string; label: string; quiet?: boolean; needed?: boolean };

export function Plus({ from, exit, label, quiet, needed }: Props) {
  const { t } = useTranslation("canvas");
  const openMenu = useCanvasUi((ui) => ui.openMenu);
  const open = (event: MouseEvent<HTMLButtonElement>) => {
    event.stopPropagation();
    const box = event.currentTarget.getBoundingClientRect();
    openMenu({ place: { from, exit }, x: box.left + box.width / 2, y: box.bottom + 6 });
  };
  return (
    <button
      type="button"
      className={`plus nodrag nopan${quiet ? " plus-quiet" : ""}${needed ? " plus-needed" : ""}`}
      data-testid={testIds.plus(from, exit)}
      aria-label={t("add.after", { exit: label })}
      onClick={open}
    >
      <PlusOutlined />
    </button>
  );
}
