/** What a customer agreed to, by channel, and one click to withdraw it everywhere. */
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import Popconfirm from "antd/es/popconfirm";
import { useTranslation } from "react-i18next";
import { useUnsubscribe } from "@/api/queries";
import type { Consent, Customer } from "@/api/types";
import { useMay } from "@/app/may";
import { Ago } from "@/ui/parts";
import { StatusTag } from "@/ui/StatusTag";
import { useErrorSentence } from "@/ui/states";

export function Consents({ customer }: { customer: Customer }) {
  const { t } = useTranslation("customers");
  return (
    <section className="card" data-testid="consents">
      <h2 className="card-title">{t("consents")}</h2>
      <ul className="consents card-body">
        {withSilent(customer).map((consent) => (
          <ConsentRow key={`${consent.channel} ${consent.topic}`} consent={consent} customerId={customer.id} />
        ))}
      </ul>
    </section>
  );
}

/** Channels a customer has said nothing about are shown too: they can be reached, so they can withdraw. */
function withSilent(customer: Customer): Consent[] {
  const reachable = [
    ["sms", "phone"],
    ["email", "email"],
  ].filter(
    ([channel, kind]) => hasIdentity(customer, kind!) && !customer.consents.some((one) => one.channel === channel),
  );
  return [
    ...customer.consents,
    ...reachable.map(([channel]) => ({ channel: channel!, topic: null, state: "", at: "", source: null })),
  ];
}

const hasIdentity = (customer: Customer, kind: string) => customer.identities.some((one) => one.kind === kind);

function ConsentRow({ consent, customerId }: { consent: Consent; customerId: string }) {
  const { t } = useTranslation("customers");
  const { message } = AntApp.useApp();
  const sentence = useErrorSentence();
  const may = useMay();
  const withdraw = useUnsubscribe();
  const withdrawn = ["withdrawn", "unsubscribed", "denied"].includes(consent.state);
  const channel = t(`words:channel.${consent.channel}`, { defaultValue: consent.channel });
  const act = () =>
    withdraw.mutate(
      { id: customerId, channel: consent.channel },
      {
        onSuccess: () => void message.success(t("withdrawDone", { channel })),
        onError: (error) => void message.error(sentence(error)),
      },
    );
  return (
    <li>
      <span>
        {channel}
        {consent.topic && <span className="faint"> {consent.topic}</span>}
      </span>
      {consent.state ? <StatusTag status={consent.state} /> : <span className="faint">{t("noConsent")}</span>}
      {!withdrawn && may("edit") && (
        <Popconfirm
          title={t("withdrawTitle", { channel })}
          description={t("withdrawHint")}
          onConfirm={act}
          okText={t("withdraw")}
        >
          <Button size="small" loading={withdraw.isPending}>
            {t("withdraw")}
          </Button>
        </Popconfirm>
      )}
      {consent.at && (
        <span className="faint consent-source">
          {consent.source} · <Ago at={consent.at} />
        </span>
      )}
    </li>
  );
}
