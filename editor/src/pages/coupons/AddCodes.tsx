/** More codes for a pool: pasted, one a line, or as a CSV file. The same ones twice do no harm. */
import Button from "antd/es/button";
import Input from "antd/es/input";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAddCodes, type AddedCodes, type CouponPool } from "@/api/coupons";
import { useFormat } from "@/app/format";
import { useErrorSentence } from "@/ui/states";
import { countCodes } from "./codes";

export function AddCodes({ pool }: { pool: CouponPool }) {
  const { t } = useTranslation("coupons");
  const { number } = useFormat();
  const [typed, setTyped] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const add = useAddCodes();
  const sentence = useErrorSentence();
  const count = countCodes(typed);
  const send = (codes: Blob) => add.mutate({ id: pool.id, codes }, { onSuccess: () => setTyped("") });
  return (
    <section className="add-codes">
      <h3>{t("addCodes")}</h3>
      <Input.TextArea
        aria-label={t("codes")}
        className="code"
        placeholder={t("codesPlaceholder")}
        value={typed}
        autoSize={{ minRows: 5, maxRows: 14 }}
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
      <p className="faint">{t("codesHint")}</p>
      <div className="add-codes-acts">
        <Button
          type="primary"
          data-testid="add-codes"
          disabled={count === 0}
          loading={add.isPending}
          onClick={() => send(new Blob([typed]))}
        >
          {count ? t("addN", { count, n: number(count) }) : t("addNone")}
        </Button>
        <Button disabled={add.isPending} onClick={() => file.current?.click()}>
          {t("file")}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".csv,.txt,text/csv,text/plain"
          data-testid="codes-file"
          onChange={({ target }) => {
            const [chosen] = target.files ?? [];
            if (chosen) send(chosen);
            target.value = "";
          }}
        />
      </div>
      {add.isError && <p role="alert">{sentence(add.error)}</p>}
      {add.data && <Added result={add.data} />}
    </section>
  );
}

const MOST = 5;
const SHOWN = 40;
const shortened = (code: string) => (code.length > SHOWN ? `${code.slice(0, SHOWN)}…` : code);

function Added({ result }: { result: AddedCodes }) {
  const { t } = useTranslation("coupons");
  const { number } = useFormat();
  const { added, duplicates, refused } = result;
  return (
    <div role="status" className="added" data-testid="codes-added">
      <p>
        {t("added", { count: added, n: number(added) })}
        {duplicates > 0 && ` ${t("duplicates", { count: duplicates, n: number(duplicates) })}`}
      </p>
      {refused.length > 0 && (
        <>
          <p>{t("refused", { count: refused.length, n: number(refused.length) })}</p>
          <ul>
            {refused.slice(0, MOST).map((one) => (
              <li key={one.line}>{t("refusedLine", { line: one.line, code: shortened(one.code) })}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
