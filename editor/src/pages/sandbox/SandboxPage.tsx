/** The sandbox: what customers would have got, as phones and mails, refreshed while it is looked at. */
import Segmented from "antd/es/segmented";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useSandboxInbox } from "@/api/queries";
import type { SandboxInbox } from "@/api/types";
import { useMay } from "@/app/may";
import { Page } from "@/ui/Page";
import { SearchBox } from "@/ui/SearchBox";
import { Empty, Failed, Loading } from "@/ui/states";
import { FaultsButton } from "./Faults";
import { Mails } from "./Mails";
import { Phones } from "./Phones";
import { Webhooks } from "./Webhooks";
import "./sandbox.css";

type Tray = "phones" | "mails" | "webhooks";

export default function SandboxPage() {
  const { t } = useTranslation("sandbox");
  const may = useMay();
  const inbox = useSandboxInbox();
  const [parameters, setParameters] = useSearchParams();
  const tray = (parameters.get("tray") as Tray | null) ?? "phones";
  const [search, setSearch] = useState("");
  const found = inbox.data && sift(inbox.data, search.trim().toLowerCase());
  const size = found && { phones: found.sms.length, mails: found.mail.length, webhooks: found.webhooks.length }[tray];
  const label = (name: Tray, n: number | undefined) => (n === undefined ? t(name) : `${t(name)} ${n}`);
  return (
    <Page title={t("title")} actions={may("administer") && <FaultsButton />}>
      <div className="toolbar">
        <Segmented<Tray>
          value={tray}
          onChange={(chosen) => setParameters({ tray: chosen }, { replace: true })}
          options={[
            { value: "phones", label: label("phones", found?.sms.length) },
            { value: "mails", label: label("mails", found?.mail.length) },
            { value: "webhooks", label: label("webhooks", found?.webhooks.length) },
          ]}
        />
        <span className="toolbar-grow" />
        <SearchBox label={t("search")} value={search} search={setSearch} />
      </div>
      {inbox.isPending && <Loading />}
      {inbox.isError && !inbox.data && <Failed error={inbox.error} retry={() => void inbox.refetch()} />}
      {size === 0 && <Empty title={t(search ? "noMatch" : "empty")} hint={t(search ? "noMatchHint" : "emptyHint")} />}
      {found && tray === "phones" && <Phones messages={found.sms} />}
      {found && tray === "mails" && found.mail.length > 0 && <Mails mails={found.mail} />}
      {found && tray === "webhooks" && <Webhooks calls={found.webhooks} />}
    </Page>
  );
}

function sift(inbox: SandboxInbox, search: string): SandboxInbox {
  const has = (thing: unknown) => !search || JSON.stringify(thing).toLowerCase().includes(search);
  return {
    sms: (inbox.sms ?? []).filter(has),
    mail: (inbox.mail ?? []).filter(has),
    webhooks: (inbox.webhooks ?? []).filter(has),
  };
}
