/** The rule editor: rows of conditions, how many customers they hold for, and a try on one customer. */
import { isComplete, leavesOf, readsCustomerAlone, type Rule } from "@/journey/rules";
import { useRuleWords } from "@/journey/names";
import { FormContext, useForm, type FieldProps } from "../form";
import { Matches } from "./rule/Matches";
import { RuleGroup } from "./rule/RuleGroup";
import { TryRule } from "./rule/TryRule";
import "../fields.css";

export function RuleField({ spec, value, change, faults }: FieldProps) {
  const form = useForm();
  const about = spec.about ?? form.about;
  const words = useRuleWords();
  const countable = isComplete(value) && readsCustomerAlone(value);
  const put = (rule: Rule) => change(!spec.required && isEmptyRule(rule) ? null : rule);
  return (
    <FormContext value={about === form.about ? form : { ...form, about }}>
      <RuleGroup rule={value} change={put} place={[]} faults={faults ?? []} />
      {form.kind === null && leavesOf(value).length > 0 && <p className="setting-help">{words(value)}</p>}
      {countable && (
        <div className="rule-foot">
          <Matches rule={value} />
          <TryRule rule={value} />
        </div>
      )}
    </FormContext>
  );
}

const isEmptyRule = (rule: Rule): boolean => leavesOf(rule).length === 0;
