/** Who a customer is: identities, consents that can be withdrawn here, attributes, and what they do. */
import { useTranslation } from "react-i18next";
import type { Customer } from "@/api/types";
import { useFormat } from "@/app/format";
import { Ago, plainValue } from "@/ui/parts";
import { Consents } from "./Consents";
import { useIdentityWords } from "./identities";

export function Profile({ customer }: { customer: Customer }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const kindWords = useIdentityWords();
  return (
    <aside className="profile">
      <section className="card">
        <h2 className="card-title">{t("identities")}</h2>
        <dl className="facts card-body">
          {customer.identities.map((one) => (
            <Fact key={one.kind + one.value} name={kindWords(one.kind)} value={one.value} />
          ))}
          <Fact name={t("since")} value={format.dateTime(customer.created_at)} />
          <dt>{t("seen")}</dt>
          <dd>
            <Ago at={customer.last_seen_at} />
          </dd>
        </dl>
        {Boolean(customer.merged?.length) && (
          <p className="card-body faint">{t("mergedFrom", { count: customer.merged!.length })}</p>
        )}
      </section>
      <Consents customer={customer} />
      <section className="card">
        <h2 className="card-title">{t("attributes")}</h2>
        <dl className="facts card-body">
          {Object.entries(customer.attributes).map(([name, value]) => (
            <Fact key={name} name={name} value={plainValue(value)} />
          ))}
        </dl>
        {Object.keys(customer.attributes).length === 0 && <p className="card-body quiet">{t("noAttributes")}</p>}
      </section>
      <section className="card">
        <h2 className="card-title">{t("activity")}</h2>
        <ul className="activity card-body">
          {customer.activity.map((one) => (
            <li key={one.event}>
              <span className="one-line">{one.event}</span>
              <b>{format.number(one.count)}</b>
              <span className="faint">
                <Ago at={one.last_at} />
              </span>
            </li>
          ))}
        </ul>
        {customer.activity.length === 0 && <p className="card-body quiet">{t("noActivity")}</p>}
      </section>
    </aside>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
