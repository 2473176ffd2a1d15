/** Takes one row away. */
import CloseOutlined from "@ant-design/icons/es/icons/CloseOutlined";
import { useTranslation } from "react-i18next";
import { useForm } from "../form";

export function RemoveButton({ remove }: { remove: () => void }) {
  const { t } = useTranslation("fields");
  if (useForm().readOnly) return null;
  return (
    <button
      type="button"
      className="icon-button row-remove"
      aria-label={t("remove")}
      title={t("remove")}
      onClick={remove}
    >
      <CloseOutlined />
    </button>
  );
}
