/** One setting of a form: its title, its field by type, its help, and what is wrong with it. */
import type { ComponentType } from "react";
import { testIds } from "@/journey/testids";
import type { SettingType } from "@/journey/types";
import { say } from "@/journey/words";
import { DurationField } from "./fields/DurationField";
import { FiltersField } from "./fields/FiltersField";
import { ListField } from "./fields/ListField";
import { AttributeField, EventNameField, EventNamesField, PropertyField } from "./fields/names";
import { RuleField } from "./fields/RuleField";
import {
  AccountField,
  AnyField,
  BooleanField,
  ChoiceField,
  LongTextField,
  NumberField,
  TextField,
  UrlField,
} from "./fields/simple";
import { JsonTemplateField, TemplateField } from "./fields/TemplateField";
import { useForm, type FieldProps } from "./form";

const FIELDS: Record<SettingType, ComponentType<FieldProps>> = {
  text: TextField,
  long_text: LongTextField,
  template: TemplateField,
  json_template: JsonTemplateField,
  number: NumberField,
  boolean: BooleanField,
  choice: ChoiceField,
  duration: DurationField,
  event_name: EventNameField,
  event_names: EventNamesField,
  property: PropertyField,
  attribute: AttributeField,
  rule: RuleField,
  list: ListField,
  filters: FiltersField,
  account: AccountField,
  url: UrlField,
  any: AnyField,
};

type Props = FieldProps & { problem?: string; inner?: boolean };

export function SettingRow({ problem, inner, ...props }: Props) {
  const { language } = useForm();
  const { id, spec } = props;
  const Field = FIELDS[spec.type] ?? TextField;
  const help = say(spec.help, language);
  return (
    <div
      className="setting"
      data-testid={inner ? undefined : testIds.setting(spec.name)}
      data-type={spec.type}
      data-problem={problem ? true : undefined}
    >
      <label htmlFor={id}>
        {say(spec.title, language)}
        {spec.required && (
          <span className="setting-needed" aria-hidden>
            *
          </span>
        )}
      </label>
      <Field {...props} />
      {help && <p className="setting-help">{help}</p>}
      {problem && (
        <p className="setting-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
