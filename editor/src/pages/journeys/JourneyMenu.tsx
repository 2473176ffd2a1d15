/** What can be done with one journey from the list: pause, resume, delete a draft. */
import MoreOutlined from "@ant-design/icons/MoreOutlined";
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import Dropdown from "antd/es/dropdown";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useDeleteJourney, useSwitchJourney } from "@/api/queries";
import type { JourneyRow, JourneyStatus } from "@/api/types";
import { useMay } from "@/app/may";
import { ResumeDialog } from "@/pages/journey/ResumeDialog";
import { useErrorSentence } from "@/ui/states";

type Act = "open" | "pause" | "resume" | "archive" | "delete";

const offered: Partial<Record<JourneyStatus, Act>> = {
  live: "pause",
  paused: "resume",
  stopped: "archive",
  draft: "delete",
};

export function JourneyMenu({ row }: { row: JourneyRow }) {
  const { t } = useTranslation("journeys");
  const [resuming, setResuming] = useState(false);
  const act = useAct(row, () => setResuming(true));
  const may = useMay();
  const fitting = offered[row.status];
  const acts: Act[] = fitting && may("edit") ? ["open", fitting] : ["open"];
  const items = acts.map((key) => ({ key, label: t(`act.${key}`), danger: key === "delete" }));
  return (
    <>
      <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => act(key as Act) }} placement="bottomRight">
        <Button type="text" icon={<MoreOutlined />} aria-label={t("actionsOf", { name: row.name })} />
      </Dropdown>
      {resuming && <ResumeDialog id={row.id} close={() => setResuming(false)} />}
    </>
  );
}

function useAct(row: JourneyRow, resume: () => void): (act: Act) => void {
  const { t } = useTranslation("journeys");
  const { message, modal } = AntApp.useApp();
  const navigate = useNavigate();
  const sentence = useErrorSentence();
  const change = useSwitchJourney();
  const destroy = useDeleteJourney();
  const said = (words: string) => ({
    onSuccess: () => void message.success(words),
    onError: (error: unknown) => void message.error(sentence(error)),
  });
  const confirmPause = () =>
    modal.confirm({
      title: t("pauseTitle", { name: row.name }),
      content: t("pauseHint"),
      okText: t("act.pause"),
      onOk: () => change.mutate({ id: row.id, act: "pause" }, said(t("paused"))),
    });
  const confirmDelete = () =>
    modal.confirm({
      title: t("deleteTitle", { name: row.name }),
      content: t("deleteHint"),
      okText: t("act.delete"),
      okButtonProps: { danger: true },
      onOk: () => destroy.mutate(row.id, said(t("deleted"))),
    });
  return (act) => {
    if (act === "open") void navigate(`/journeys/${row.id}`);
    else if (act === "pause") confirmPause();
    else if (act === "resume") resume();
    else if (act === "archive") change.mutate({ id: row.id, act }, said(t("archived")));
    else confirmDelete();
  };
}
