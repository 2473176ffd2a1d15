/** What else can be done with the journey: pause, resume, stop, take it out as a file. */
import EllipsisOutlined from "@ant-design/icons/es/icons/EllipsisOutlined";
import App from "antd/es/app";
import Dropdown from "antd/es/dropdown";
import type { MenuProps } from "antd/es/menu";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { writeFile } from "@/journey/file";
import { useSwitch, type Journey, type Switch } from "@/journey/queries";
import { graphOf, useEditor } from "@/journey/store";
import { useErrorSentence } from "@/ui/states";
import { ResumeDialog } from "./ResumeDialog";

const POSSIBLE: Record<string, Switch[]> = { live: ["pause", "stop"], paused: ["resume", "stop"] };

export function JourneyMenu({ journey }: { journey: Journey }) {
  const { t } = useTranslation("canvas");
  const { modal, message } = App.useApp();
  const errorSentence = useErrorSentence();
  const { mutateAsync } = useSwitch(journey.id);
  const mayEdit = useEditor((state) => state.mayEdit);
  const [resuming, setResuming] = useState(false);
  const ask = (act: Switch) => (act === "resume" ? setResuming(true) : confirm(act));
  const confirm = (act: "pause" | "stop") =>
    void modal.confirm({
      title: t(`switch.${act}.title`),
      content: t(`switch.${act}.hint`),
      okText: t(`switch.${act}.button`),
      cancelText: t("publish.cancel"),
      okButtonProps: { danger: act === "stop" },
      onOk: () => mutateAsync({ act }).catch((trouble: unknown) => void message.error(errorSentence(trouble))),
    });
  const items = [
    ...(mayEdit ? (POSSIBLE[journey.status] ?? []) : []).map((act) => ({
      key: act,
      label: t(`switch.${act}.button`),
      danger: act === "stop",
    })),
    { key: "file", label: t("bar.export") },
  ];
  const menu = { items, onClick: ({ key }: { key: string }) => (key === "file" ? download() : ask(key as Switch)) };
  return (
    <>
      <MenuButton label={t("bar.more")} menu={menu} />
      {resuming && <ResumeDialog id={journey.id} close={() => setResuming(false)} />}
    </>
  );
}

function MenuButton({ label, menu }: { label: string; menu: MenuProps }) {
  return (
    <Dropdown trigger={["click"]} menu={menu}>
      <button
        type="button"
        className="icon-button"
        aria-label={label}
        title={label}
        data-testid="journey-menu"
      >
        <EllipsisOutlined />
      </button>
    </Dropdown>
  );
}

function download(): void {
  const state = useEditor.getState();
  const file = new Blob([writeFile(state.name, graphOf(state))], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${state.name.replace(/[\\/:*?"<>|]+/g, " ").trim() || "journey"}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
