/** Says why nothing can be changed here: a published version is on show, or the operator may only look. */
import EyeOutlined from "@ant-design/icons/es/icons/EyeOutlined";
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import type { Journey } from "@/journey/queries";
import { useEditor } from "@/journey/store";
import { TakeUpAgain } from "./TakeUpAgain";

type Props = { journey: Journey; version: number; leave: () => void };

export function VersionNotice({ journey, version, leave }: Props) {
  const { t } = useTranslation("canvas");
  const mayEdit = useEditor((state) => state.mayEdit);
  return (
    <div className="version-notice" role="status">
      <EyeOutlined aria-hidden />
      {t("version.notice", { version })}
      {mayEdit && journey.status !== "archived" && <TakeUpAgain {...{ journey, version, leave }} />}
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
