/** What must be mended before publishing: a list that leads to the node. */
import WarningOutlined from "@ant-design/icons/es/icons/WarningOutlined";
import Popover from "antd/es/popover";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/app/i18n";
import { useProblems } from "@/journey/problems";
import { useEditor } from "@/journey/store";
import { testIds } from "@/journey/testids";
import type { Problem } from "@/journey/types";
import { say } from "@/journey/words";

export function Problems() {
  const { t } = useTranslation("canvas");
  const [open, setOpen] = useState(false);
  const problems = useProblems();
  const empty = useEditor((state) => state.history.now.nodes.length === 0);
  if (problems.length === 0 || empty) return null;
  const errors = problems.filter((one) => one.severity === "error").length;
  const words = t(errors ? "problems.errors" : "problems.warnings", { count: errors || problems.length });
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={setOpen}
      content={<ProblemList problems={problems} chosen={() => setOpen(false)} />}
    >
      <button
        type="button"
        className="problems-button"
        data-severity={errors ? "error" : "warning"}
        data-testid={testIds.problems}
      >
        <WarningOutlined aria-hidden />
        {words}
      </button>
    </Popover>
  );
}

export function ProblemList({ problems, chosen }: { problems: Problem[]; chosen?: () => void }) {
  const language = useLanguage();
  const jump = (one: Problem) => {
    useEditor.getState().select(one.nodes.slice(0, 1));
    chosen?.();
  };
  return (
    <ul className="problem-list">
      {problems.map((one, index) => (
        <li key={`${one.code} ${one.nodes.join()} ${index}`}>
          <button
            type="button"
            data-severity={one.severity}
            disabled={one.nodes.length === 0}
            onClick={() => jump(one)}
          >
            <span className="node-badge" data-severity={one.severity} aria-hidden>
              !
            </span>
            <span>
              {say(one.message, language)}
              <small>{say(one.remedy, language)}</small>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
