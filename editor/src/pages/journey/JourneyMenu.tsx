/** What else can be done with the journey: pause, resume, stop, take it out as a file. */
import EllipsisOutlined from "@ant-design/icons/es/icons/EllipsisOutlined";
import App from "antd/es/app";
import Dropdown from "antd/es/dropdown";
import { useTranslation } from "react-i18next";
import { writeFile } from "@/journey/file";
import { useSwitch, type Journey, type Switch } from "@/journey/queries";
import { graphOf, useEditor } from "@/journey/store";
import { useErrorSentence } from "@/ui/states";

const POSSIBLE: Record<string, Switch[]> = { live: ["pause", "stop"], paused: ["resume", "stop"] };

export function JourneyMenu({ journey }: { journey: Journey }) {
  const { t } = useTranslation("canvas");
  const { modal, message } = App.useApp();
  const errorSentence = useErrorSentence();
  const { mutateAsync } = useSwitch(journey.id);
  const mayEdit = useEditor((state) => state.mayEdit);
  const ask = (act: Switch) =>
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
  return (
    <Dropdown
      trigger={["click"]}
      menu={{ items, onClick: ({ key }) => (key === "file" ? download() : ask(key as Switch)) }}
    >
      <button
        type="button"
        className="icon-button"
        aria-label={t("bar.more")}
        title={t("bar.more")}
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
