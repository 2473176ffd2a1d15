/** What the operator chose for themselves: name, language, look. */
import AntApp from "antd/es/app";
import Input from "antd/es/input";
import Segmented from "antd/es/segmented";
import { useTranslation } from "react-i18next";
import { useChangeMe, useMe } from "@/api/queries";
import { speak, useLanguage, type Language } from "@/app/i18n";
import { useLookChoice, type Choice } from "@/app/look";
import { useErrorSentence } from "@/ui/states";

export function Personal() {
  const { t } = useTranslation("settings");
  const language = useLanguage();
  const me = useMe().data;
  const change = useChangeMe();
  const { choice, choose } = useLookChoice();
  const { message } = AntApp.useApp();
  const sentence = useErrorSentence();
  const save = (given: { language?: string; name?: string }) =>
    change.mutate(given, { onError: (error) => void message.error(sentence(error)) });
  const rename = (name: string) => {
    if (name.trim() && name.trim() !== me?.operator.name) save({ name: name.trim() });
  };
  return (
    <section className="card" aria-labelledby="settings-personal">
      <h2 className="card-title" id="settings-personal">
        {t("personal")}
      </h2>
      <div className="card-body personal">
        <label htmlFor="operator-name">{t("name")}</label>
        <Input
          id="operator-name"
          key={me?.operator.name}
          defaultValue={me?.operator.name}
          maxLength={80}
          onBlur={(left) => rename(left.target.value)}
          onPressEnter={(press) => press.currentTarget.blur()}
        />
        <span>{t("email")}</span>
        <span className="quiet">{me?.operator.email}</span>
        <span>{t("language")}</span>
        <Segmented<Language>
          value={language}
          aria-label={t("language")}
          options={[
            { value: "en", label: "English" },
            { value: "zh", label: "简体中文" },
          ]}
          onChange={(chosen) => {
            speak(chosen);
            save({ language: chosen });
          }}
        />
        <span>{t("look")}</span>
        <Segmented<Choice>
          value={choice}
          aria-label={t("look")}
          options={(["system", "light", "dark"] as const).map((value) => ({ value, label: t(`app:menu.${value}`) }))}
          onChange={choose}
        />
        <span>{t("workspace")}</span>
        <span className="quiet">{me && `${me.workspace.name} · ${me.workspace.timezone}`}</span>
      </div>
    </section>
  );
}
