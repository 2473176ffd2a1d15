/** What the customer got: an SMS as a bubble, a mail in a frame that can neither run nor reach anything. */
import { useTranslation } from "react-i18next";
import type { Message } from "@/api/types";
import { signed } from "@/ui/sms";

export function Content({ message }: { message: Message }) {
  const { t } = useTranslation("messages");
  const content = message.content;
  if (!content || (!content.text && !content.html_url && !content.body))
    return <p className="note">{t("notRendered")}</p>;
  if (content.html_url)
    return (
      <figure className="mail-frame">
        <figcaption>{content.subject}</figcaption>
        <iframe sandbox="" src={content.html_url} title={content.subject ?? t("mail")} />
      </figure>
    );
  if (message.channel === "sms") return <p className="bubble">{signed(content.text ?? "", content.sign_name)}</p>;
  return (
    <div>
      {(content.subject || content.url) && <p className="content-head">{content.subject || content.url}</p>}
      <pre className="json">{asText(content.body ?? content.text)}</pre>
    </div>
  );
}

const asText = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body, null, 2));
