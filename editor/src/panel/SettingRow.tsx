/** One setting of a form: its title, its field by type, its help, and what is wrong with it. */
import { useTranslation } from "react-i18next";
import { testIds } from "@/journey/testids";
import { say } from "@/journey/words";
import { FIELDS } from "./fields";
import { useForm, type FieldProps } from "./form";
import "./fields.css";

type Props = FieldProps & { problem?: string; inner?: boolean; untitled?: boolean };

export function SettingRow({ problem, inner, untitled, ...props }: Props) {
  const { t } = useTranslation("fields");
  const { language } = useForm();
  const { id, spec } = props;
  const Field = FIELDS[spec.type];
  const help = say(spec.help, language);
  return (
    <div
      className="setting"
      data-testid={inner ? undefined : testIds.setting(spec.name)}
      data-type={spec.type}
      data-problem={problem ? true : undefined}
    >
      <label htmlFor={id} className={untitled ? "visually-hidden" : undefined}>
        {say(spec.title, language)}
        {spec.required && (
          <span className="setting-needed" aria-hidden>
            *
          </span>
        )}
      </label>
      {Field ? <Field {...props} /> : <p className="setting-problem">{t("unknown", { type: spec.type })}</p>}
      {help && <p className="setting-help">{help}</p>}
      {problem && (
        <p className="setting-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
