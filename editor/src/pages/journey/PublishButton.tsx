/** Publish the draft: saves what is drawn, then asks. */
import Button from "antd/es/button";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { saveNow } from "@/journey/autosave";
import type { Journey } from "@/journey/queries";
import { useEditor } from "@/journey/store";
import { testIds } from "@/journey/testids";
import { PublishDialog } from "./PublishDialog";

export function PublishButton({ journey, disabled }: { journey: Journey; disabled: boolean }) {
  const { t } = useTranslation("publish");
  const [open, setOpen] = useState(false);
  const empty = useEditor((state) => state.history.now.nodes.length === 0);
  const start = async () => {
    await saveNow();
    setOpen(true);
  };
  return (
    <>
      <Button type="primary" disabled={disabled || empty} data-testid={testIds.publish} onClick={() => void start()}>
        {t("confirm")}
      </Button>
      {open && <PublishDialog journey={journey} close={() => setOpen(false)} />}
    </>
  );
}
