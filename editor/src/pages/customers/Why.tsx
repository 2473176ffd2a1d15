/** Why did this happen, why not: one journey, perhaps one node of it, answered in a sentence with the steps behind it. */
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useWhy, type Why as Answer } from "@/api/insights";
import { useJourneys } from "@/api/queries";
import { useFormat } from "@/app/format";
import { useSay } from "@/app/i18n";
import { useNodesOf } from "@/journey/names";
import { Failed, Loading } from "@/ui/states";

export function Why({ customerId }: { customerId: string }) {
  const { t } = useTranslation("why");
  const [parameters, setParameters] = useSearchParams();
  const journey = parameters.get("journey") ?? "";
  const node = parameters.get("node") ?? "";
  const journeys = useJourneys();
  const nodes = useNodesOf(journey || undefined);
  const ask = (next: { journey: string; node: string }) => setParameters(filled(next), { replace: true });
  return (
    <section className="card why" data-testid="why">
      <h2 className="card-title">{t("title")}</h2>
      <div className="card-body">
        <div className="why-ask">
          <Select
            aria-label={t("journey")}
            placeholder={t("journey")}
            showSearch={{ optionFilterProp: "label" }}
            allowClear
            loading={journeys.isPending}
            options={(journeys.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
            value={journey || undefined}
            onChange={(chosen?: string) => ask({ journey: chosen ?? "", node: "" })}
          />
          {journey && (
            <Select
              aria-label={t("node")}
              placeholder={t("node")}
              showSearch={{ optionFilterProp: "label" }}
              allowClear
              popupMatchSelectWidth={false}
              loading={nodes.pending}
              options={nodes.items
                .filter((one) => one.role === "node")
                .map((one) => ({ value: one.id, label: `${one.title} · ${one.sentence}`.slice(0, 90) }))}
              value={node || undefined}
              onChange={(chosen?: string) => ask({ journey, node: chosen ?? "" })}
            />
          )}
        </div>
        {!journey && <p className="quiet">{t("hint")}</p>}
        {journey && <Answered customerId={customerId} journey={journey} node={node} />}
      </div>
    </section>
  );
}

const filled = (asked: Record<string, string>) =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ""));

function Answered({ customerId, journey, node }: { customerId: string; journey: string; node: string }) {
  const say = useSay();
  const why = useWhy(customerId, journey, node);
  if (why.isPending) return <Loading rows={2} />;
  if (!why.data) return <Failed error={why.error} retry={() => void why.refetch()} />;
  return (
    <>
      <p className="why-answer" role="status" data-testid="why-answer" data-answer={why.data.answer}>
        {say(why.data.sentence)}
      </p>
      <Steps steps={why.data.steps} />
    </>
  );
}

function Steps({ steps }: { steps: Answer["steps"] }) {
  const { t } = useTranslation("why");
  const format = useFormat();
  const say = useSay();
  if (steps.length === 0) return null;
  return (
    <details className="why-steps" open={steps.length <= 12}>
      <summary>{t("steps", { count: steps.length })}</summary>
      <ol>
        {steps.map((step, at) => (
          <li key={at}>
            {step.at ? (
              <time dateTime={step.at} title={format.exact(step.at)}>
                {format.dateTime(step.at)}
              </time>
            ) : (
              <span className="faint">—</span>
            )}
            <span>{say(step.sentence)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
