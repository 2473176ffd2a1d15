/** Mails as a list and a reader; the reader's frame can neither run nor reach anything. */
import { useState } from "react";
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import type { SandboxMail } from "@/api/types";
import { useFormat } from "@/app/format";
import { useNarrow } from "@/app/look";
import { Ago } from "@/ui/parts";

export function Mails({ mails }: { mails: SandboxMail[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const narrow = useNarrow();
  const open = mails.find((mail) => mail.id === chosen) ?? (narrow ? undefined : mails[0]);
  if (narrow && open) return <Reader mail={open} back={() => setChosen(null)} />;
  return (
    <div className="mails">
      <ul className="mail-list card">
        {mails.map((mail) => (
          <li key={mail.id}>
            <button
              className="mail-row"
              aria-current={mail.id === open?.id}
              onClick={() => setChosen(mail.id)}
              data-testid="mail-row"
            >
              <span className="mail-to one-line">{mail.to}</span>
              <span className="faint">
                <Ago at={mail.at} />
              </span>
              <span className="mail-subject one-line">{mail.subject}</span>
            </button>
          </li>
        ))}
      </ul>
      {open && <Reader mail={open} />}
    </div>
  );
}

const sender = (mail: SandboxMail) => (mail.from_name ? `${mail.from_name} <${mail.from}>` : mail.from);

function Reader({ mail, back }: { mail: SandboxMail; back?: () => void }) {
  const { t } = useTranslation("sandbox");
  const format = useFormat();
  return (
    <article className="mail-reader card">
      <header>
        {back && (
          <Button size="small" onClick={back}>
            {t("back")}
          </Button>
        )}
        <h2>{mail.subject}</h2>
        <p className="faint">{t("fromTo", { from: sender(mail), to: mail.to })}</p>
        <p className="faint">{format.exact(mail.at)}</p>
      </header>
      {mail.html_url ? (
        <iframe key={mail.id} sandbox="" src={mail.html_url} title={mail.subject} />
      ) : (
        <pre className="mail-text">{mail.text}</pre>
      )}
    </article>
  );
}
