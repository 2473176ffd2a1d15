/** A version on show goes into the draft, to be changed; or is published again as it was. */
import App from "antd/es/app";
import Button from "antd/es/button";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Journey } from "@/journey/queries";
import { useEditor } from "@/journey/store";
import { PublishDialog } from "./PublishDialog";

type Props = { journey: Journey; version: number; leave: () => void };

export function TakeUpAgain({ journey, version, leave }: Props) {
  const { t } = useTranslation("publish");
  const { message } = App.useApp();
  const [asking, ask] = useState(false);
  const restore = () => {
    const { shown, show, run } = useEditor.getState();
    if (!shown) return;
    show(null);
    run(() => shown.graph);
    leave();
    void message.success(t("restored", { version }));
  };
  return (
    <>
      <Button size="small" data-testid="restore-version" onClick={restore}>
        {t("restore")}
      </Button>
      {version !== journey.live_version && (
        <Button size="small" data-testid="publish-again" onClick={() => ask(true)}>
          {t("againButton")}
        </Button>
      )}
      {asking && <PublishDialog journey={journey} version={version} close={() => ask(false)} />}
    </>
  );
}
