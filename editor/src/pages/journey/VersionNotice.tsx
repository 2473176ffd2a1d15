/** Says why nothing can be changed here: a published version is on show, or the operator may only look. */
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

export function LookNotice() {
  const { t } = useTranslation("canvas");
  return (
    <div className="version-notice" role="status" data-testid="look-notice">
      <EyeOutlined aria-hidden />
      {t("version.lookOnly")}
    </div>
  );
}
