/** A template with variables: a line, a text message with its parts counted, or a page with its preview. */
import Input from "antd/es/input";
import Segmented from "antd/es/segmented";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEditor } from "@/journey/store";
import { smsLength } from "@/journey/sms";
import { nodeById } from "@/journey/walk";
import { useForm, type FieldProps } from "../form";
import { insertAt, templateLook } from "../template";
import { VariableMenu } from "./VariableMenu";

export function TemplateField(props: FieldProps) {
  const { kind } = useForm();
  const look = templateLook(kind, props.spec);
  if (look === "page") return <PageTemplate {...props} />;
  return (
    <>
      <TemplateInput {...props} rows={look === "line" ? 1 : 4} />
      {look === "sms" && <SmsLength text={String(props.value ?? "")} />}
    </>
  );
}

export function JsonTemplateField(props: FieldProps) {
  return <TemplateInput {...props} rows={6} code />;
}

function TemplateInput({ id, spec, value, change, rows, code }: FieldProps & { rows: number; code?: boolean }) {
  const { readOnly } = useForm();
  const box = useRef<HTMLDivElement>(null);
  const text = String(value ?? "");
  const insert = (variable: string) => {
    const field = box.current?.querySelector("textarea");
    const at = field?.selectionStart ?? text.length;
    const put = insertAt(text, at, field?.selectionEnd ?? at, `{{ ${variable} }}`);
    change(put.text);
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(put.cursor, put.cursor);
    });
  };
  return (
    <div ref={box} className="template">
      <Input.TextArea
        id={id}
        className={code ? "code" : undefined}
        value={text}
        maxLength={spec.max_length ?? undefined}
        autoSize={{ minRows: rows, maxRows: 18 }}
        spellCheck={!code}
        disabled={readOnly}
        onChange={(event) => change(event.target.value)}
      />
      {!readOnly && <VariableMenu insert={insert} />}
    </div>
  );
}

function SmsLength({ text }: { text: string }) {
  const { t } = useTranslation("canvas");
  const signName = useEditor((state) => {
    const node = nodeById(state.history.now, state.selection[0] ?? "");
    return typeof node?.settings.sign_name === "string" ? node.settings.sign_name : "";
  });
  const { characters, parts, about } = smsLength(text, signName);
  return (
    <p className="sms-length" data-long={parts > 1 || undefined} aria-live="polite">
      {t(about ? "sms.about" : "sms.exact", { characters, count: parts })}
    </p>
  );
}

/** HTML as it is typed or as it will look. The frame may run no script, send no form and leave for nowhere. */
function PageTemplate(props: FieldProps) {
  const { t } = useTranslation("canvas");
  const [look, setLook] = useState<"write" | "see">("write");
  return (
    <div>
      <Segmented
        size="small"
        options={[
          { value: "write", label: t("mail.write") },
          { value: "see", label: t("mail.see") },
        ]}
        value={look}
        onChange={(next) => setLook(next as "write" | "see")}
      />
      {look === "write" ? (
        <TemplateInput {...props} rows={12} code />
      ) : (
        <iframe className="mail-preview" sandbox="" title={t("mail.see")} srcDoc={String(props.value ?? "")} />
      )}
    </div>
  );
}
