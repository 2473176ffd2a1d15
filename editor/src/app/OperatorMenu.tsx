/** Who is signed in; language, look, and the way out. */
import Button from "antd/es/button";
import Dropdown from "antd/es/dropdown";
import { useTranslation } from "react-i18next";
import { post } from "@/api/client";
import { useChangeMe } from "@/api/queries";
import type { Me } from "@/api/types";
import { speak, useLanguage, type Language } from "./i18n";
import { useLookChoice, type Choice } from "./look";
import { forget } from "./queries";

export function OperatorMenu({ me }: { me: Me }) {
  const { t } = useTranslation("app");
  const language = useLanguage();
  const { choice, choose } = useLookChoice();
  const change = useChangeMe();

  const pick = ({ key }: { key: string }) => {
    const [what, value] = key.split(":");
    if (what === "language") {
      speak(value as Language);
      change.mutate({ language: value });
    } else if (what === "look") choose(value as Choice);
    else if (what === "out") void signOut();
  };
  const signOut = async () => {
    await post("/logout").catch(() => undefined);
    forget();
  };
  const items = [
    {
      type: "group" as const,
      label: `${me.operator.email} · ${me.workspace.name}`,
      children: [],
    },
    {
      type: "group" as const,
      label: t("menu.language"),
      children: [
        { key: "language:en", label: "English" },
        { key: "language:zh", label: "简体中文" },
      ],
    },
    {
      type: "group" as const,
      label: t("menu.look"),
      children: ["system", "light", "dark"].map((look) => ({ key: `look:${look}`, label: t(`menu.${look}`) })),
    },
    { type: "divider" as const },
    { key: "out", label: t("menu.signOut") },
  ];
  return (
    <Dropdown
      trigger={["click"]}
      menu={{ items, onClick: pick, selectable: true, selectedKeys: [`language:${language}`, `look:${choice}`] }}
    >
      <Button
        type="text"
        className="operator"
        aria-label={t("menu.open", { name: me.operator.name })}
        data-testid="operator-menu"
      >
        <span className="operator-mark" aria-hidden>
          {initials(me.operator.name || me.operator.email)}
        </span>
        <span className="operator-name">{me.operator.name || me.operator.email}</span>
      </Button>
    </Dropdown>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const marks = words.length > 1 ? words[0]![0]! + words[1]![0]! : name.slice(0, /^[a-z]/i.test(name) ? 2 : 1);
  return marks.toUpperCase();
}
