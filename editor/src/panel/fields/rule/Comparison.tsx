/** One comparison in a row: what is read, how it is compared, with what. */
import { useTranslation } from "react-i18next";
import type { Compared } from "@/journey/rules";
import { useExamples } from "../../form";
import { NameInput } from "../names";
import { Operation } from "./Operation";

type Props = {
  sort: "attribute" | "property" | "context";
  name: string;
  compared: Compared;
  events?: string[];
  /** A filter of an event knows fewer operators, and compares with what is written here unless `references` says more. */
  filter?: boolean;
  references?: boolean;
  change: (name: string, compared: Compared) => void;
};

export function Comparison({ sort, name, compared, events, filter, references, change }: Props) {
  const { t } = useTranslation("fields");
  const examples = useExamples(sort === "attribute" ? name : "");
  return (
    <div className="comparison">
      <NameInput
        sort={sort}
        value={name}
        events={events}
        label={t(`name.${sort}`)}
        change={(next) => change(next, compared)}
      />
      <Operation
        compared={compared}
        examples={examples}
        filter={filter}
        references={references}
        change={(next) => change(name, next)}
      />
    </div>
  );
}
