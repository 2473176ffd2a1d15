/** Says that a published version is on show, which nobody can change. */
import EyeOutlined from "@ant-design/icons/es/icons/EyeOutlined";
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";

export function VersionNotice({ version, leave }: { version: number; leave: () => void }) {
  const { t } = useTranslation("canvas");
  return (
    <div className="version-notice" role="status">
      <EyeOutlined aria-hidden />
      {t("version.notice", { version })}
      <Button size="small" onClick={leave}>
        {t("version.leave")}
      </Button>
    </div>
  );
}
