/** The rows of one form: a setting each, those left out that do not matter while another has its present value. */
import { applies } from "@/journey/catalog";
import type { Settings, SettingSpec } from "@/journey/types";
import { FormContext, useForm, type Fault } from "./form";
import { SettingRow } from "./SettingRow";

type Props = {
  id: string;
  specs: SettingSpec[];
  values: Settings;
  change: (name: string, value: unknown) => void;
  problems?: Record<string, string>;
  faults?: Record<string, Fault[]>;
  inner?: boolean;
  /** What stands above these rows already; a row of the same name does not say it again. */
  titled?: string;
};

export function SettingRows({ id, specs, values, change, problems, faults, inner, titled }: Props) {
  const form = useForm();
  return (
    <FormContext value={{ ...form, beside: values }}>
      {specs
        .filter((spec) => applies(spec, values))
        .map((spec) => (
          <SettingRow
            key={spec.name}
            id={`${id}-${spec.name}`}
            spec={spec}
            value={values[spec.name]}
            change={(value) => change(spec.name, value)}
            problem={problems?.[spec.name]}
            faults={faults?.[spec.name]}
            inner={inner}
            untitled={spec.title.en === titled}
          />
        ))}
    </FormContext>
  );
}
