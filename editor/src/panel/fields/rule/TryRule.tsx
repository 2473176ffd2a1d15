/** Does this rule hold for that customer? The answer, and what was read at each leaf. */
import Button from "antd/es/button";
import Popover from "antd/es/popover";
import Select from "antd/es/select";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCustomers } from "@/api/queries";
import { judgeRule } from "@/api/segments";
import { useRuleWords } from "@/journey/names";
import { plainValue } from "@/ui/parts";
import { useErrorSentence } from "@/ui/states";
import { useSettled } from "./Matches";

export function TryRule({ rule }: { rule: unknown }) {
  const { t } = useTranslation("rule");
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      destroyOnHidden
      content={<Trial rule={rule} />}
      title={t("try.title")}
    >
      <Button size="small" type="text">
        {t("try.button")}
      </Button>
    </Popover>
  );
}

function Trial({ rule }: { rule: unknown }) {
  const { t } = useTranslation("rule");
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<string>();
  const search = useSettled(typed, 250);
  const found = useCustomers({ search });
  const options = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="try-rule">
      <Select
        aria-label={t("try.customer")}
        placeholder={t("try.customer")}
        className="wide"
        showSearch={{ filterOption: false, onSearch: setTyped }}
        loading={found.isFetching}
        options={options.map((one) => ({ value: one.id, label: one.label || one.id.slice(0, 8) }))}
        value={chosen}
        onChange={setChosen}
      />
      {chosen && <Answer rule={rule} customer={chosen} />}
    </div>
  );
}

function Answer({ rule, customer }: { rule: unknown; customer: string }) {
  const { t } = useTranslation("rule");
  const words = useRuleWords();
  const sentence = useErrorSentence();
  const judged = useQuery({
    queryKey: ["rules", "judge", rule, customer],
    queryFn: () => judgeRule(rule, customer),
    retry: false,
  });
  if (judged.isError) return <p role="alert">{sentence(judged.error)}</p>;
  if (!judged.data) return <p className="quiet">{t("counting")}</p>;
  return (
    <div role="status" data-testid="rule-verdict" data-held={judged.data.held}>
      <p>
        <Verdict held={judged.data.held} />
      </p>
      <ul>
        {judged.data.leaves.map(({ leaf, read, held }, at) => (
          <li key={at}>
            <Verdict held={held} /> {words(leaf)}{" "}
            <span className="faint">{t("try.read", { read: plainValue(read) })}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Verdict({ held }: { held: boolean }) {
  const { t } = useTranslation("rule");
  return (
    <span className="tag" data-tone={held ? "good" : "warn"}>
      {t(held ? "try.held" : "try.notHeld")}
    </span>
  );
}
