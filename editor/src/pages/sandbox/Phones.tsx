/** One phone for each number, the one that got something last comes first. */
import { useState } from "react";
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import type { SandboxSms } from "@/api/types";
import { Ago } from "@/ui/parts";
import { signed } from "@/ui/sms";
import { StatusTag } from "@/ui/StatusTag";

const AT_ONCE = 12;

export function Phones({ messages }: { messages: SandboxSms[] }) {
  const { t } = useTranslation("sandbox");
  const [shown, setShown] = useState(AT_ONCE);
  const phones = byNumber(messages);
  return (
    <>
      <div className="phones">
        {phones.slice(0, shown).map(([number, got]) => (
          <Phone key={number} number={number} messages={got} />
        ))}
      </div>
      {phones.length > shown && (
        <div className="more">
          <Button onClick={() => setShown(shown + AT_ONCE)}>{t("app:more")}</Button>
        </div>
      )}
    </>
  );
}

function Phone({ number, messages }: { number: string; messages: SandboxSms[] }) {
  const { t } = useTranslation("sandbox");
  return (
    <article className="phone" aria-label={t("phoneOf", { number })} data-testid="phone">
      <header className="phone-top">
        <span className="phone-ear" aria-hidden />
        <b>{number}</b>
      </header>
      <ol className="phone-screen" tabIndex={0}>
        {messages.map((message) => (
          <li key={message.id}>
            <p className="phone-when">
              <Ago at={message.at} />
            </p>
            <p className="phone-bubble" data-testid="sms-bubble">
              {signed(message.text, message.sign_name)}
            </p>
            <Reported message={message} />
          </li>
        ))}
      </ol>
    </article>
  );
}

function Reported({ message }: { message: SandboxSms }) {
  const last = message.receipts?.at(-1);
  return last ? <StatusTag status={last.kind} /> : null;
}

function byNumber(messages: SandboxSms[]): [string, SandboxSms[]][] {
  const phones = new Map<string, SandboxSms[]>();
  for (const message of [...messages].sort((a, b) => b.at.localeCompare(a.at))) {
    phones.set(message.to, [...(phones.get(message.to) ?? []), message]);
  }
  return [...phones];
}
