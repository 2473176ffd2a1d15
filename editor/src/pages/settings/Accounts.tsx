/** The accounts that send, without their secrets: those are never shown again. */
import { useTranslation } from "react-i18next";
import Button from "antd/es/button";
import { useAccounts, useOpenAccount } from "@/api/queries";
import type { Account } from "@/api/types";
import { useFormat } from "@/app/format";
import { useSay } from "@/app/i18n";
import { useMay } from "@/app/may";
import { plainValue } from "@/ui/parts";
import { StatusTag } from "@/ui/StatusTag";
import { Failed, Loading } from "@/ui/states";

export function Accounts() {
  const { t } = useTranslation("settings");
  const accounts = useAccounts();
  return (
    <section className="card" aria-labelledby="settings-accounts">
      <h2 className="card-title" id="settings-accounts">
        {t("accounts")}
      </h2>
      <div className="card-body">
        <p className="faint">{t("accountsHint")}</p>
        {accounts.isPending && <Loading rows={2} />}
        {accounts.isError && !accounts.data && <Failed error={accounts.error} retry={() => void accounts.refetch()} />}
        {accounts.data?.items.length === 0 && <p className="quiet">{t("noAccounts")}</p>}
        <ul className="accounts">
          {accounts.data?.items.map((one) => (
            <AccountRow key={one.id} account={one} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function AccountRow({ account }: { account: Account }) {
  const { t } = useTranslation("settings");
  const say = useSay();
  const known = Object.entries(account.settings ?? {}).filter(([, value]) => value !== "" && value !== null);
  return (
    <li>
      <p className="account-head">
        <b>{account.name}</b>
        <span className="tag">{t(`words:channel.${account.channel}`, { defaultValue: account.channel })}</span>
        {account.is_default && (
          <span className="tag" data-tone="busy">
            {t("default")}
          </span>
        )}
        {account.stopped_at && <StatusTag status="stopped" />}
      </p>
      {account.stopped_at && <Stopped account={account} />}
      {account.broken_at && !account.stopped_at && <OutOfReach account={account} />}
      <p className="faint">
        {[say(account.title) || account.kind, ...known.map(([name, value]) => `${name}: ${plainValue(value)}`)].join(
          " · ",
        )}
      </p>
    </li>
  );
}

/** The provider does not answer: what waits, and when it is tried again by itself. */
function OutOfReach({ account }: { account: Account }) {
  const { t } = useTranslation("settings");
  const format = useFormat();
  return (
    <p className="account-stopped">
      {t("outOfReach", { since: format.exact(account.broken_at), at: format.exact(account.probe_at) })}{" "}
      <span className="faint">{account.broken_why}</span>
    </p>
  );
}

/** Why the provider refuses the account, and the way back once that is mended. */
function Stopped({ account }: { account: Account }) {
  const { t } = useTranslation("settings");
  const may = useMay();
  const open = useOpenAccount();
  return (
    <p className="account-stopped">
      {account.stopped_why} {t("stoppedHint")}{" "}
      {may("administer") && (
        <Button size="small" loading={open.isPending} onClick={() => open.mutate(account.id)}>
          {t("openAccount")}
        </Button>
      )}
    </p>
  );
}
