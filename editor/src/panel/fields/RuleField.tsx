/** The rule editor: rows of conditions, how many customers they hold for now, and a try on one customer. */
import { readsCustomerAlone, isComplete } from "@/journey/rules";
import { FormContext, useForm, type FieldProps } from "../form";
import { Matches } from "./rule/Matches";
import { RuleGroup } from "./rule/RuleGroup";
import { TryRule } from "./rule/TryRule";
import "../fields.css";

export function RuleField({ spec, value, change, faults }: FieldProps) {
  const form = useForm();
  const about = spec.about ?? form.about;
  const countable = isComplete(value) && readsCustomerAlone(value);
  return (
    <FormContext value={about === form.about ? form : { ...form, about }}>
      <RuleGroup rule={value} change={change} place={[]} faults={faults ?? []} />
      {countable && (
        <div className="rule-foot">
          <Matches rule={value} />
          <TryRule rule={value} />
        </div>
      )}
    </FormContext>
  );
}
