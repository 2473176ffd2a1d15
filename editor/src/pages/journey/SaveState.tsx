/** Whether the draft is saved: always visible, in words. */
import CheckOutlined from "@ant-design/icons/es/icons/CheckOutlined";
import CloudSyncOutlined from "@ant-design/icons/es/icons/CloudSyncOutlined";
import DisconnectOutlined from "@ant-design/icons/es/icons/DisconnectOutlined";
import ExclamationCircleOutlined from "@ant-design/icons/es/icons/ExclamationCircleOutlined";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useEditor, type SaveState as State } from "@/journey/store";
import { testIds } from "@/journey/testids";

const PICTURES: Record<State, ReactNode> = {
  saved: <CheckOutlined />,
  pending: <CloudSyncOutlined />,
  saving: <CloudSyncOutlined />,
  offline: <DisconnectOutlined />,
  conflict: <ExclamationCircleOutlined />,
  refused: <ExclamationCircleOutlined />,
};

export function SaveState() {
  const { t } = useTranslation("canvas");
  const save = useEditor((state) => state.save);
  return (
    <span
      className="save-state"
      role="status"
      data-testid={testIds.saveState}
      data-state={save}
      title={t(`save.${save}Hint`)}
    >
      {PICTURES[save]}
      {t(`save.${save}`)}
    </span>
  );
}
