/** Keys for programs. A key is shown once, when it is made; afterwards only its name and its scope. */
import { useState } from "react";
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import Popconfirm from "antd/es/popconfirm";
import { useTranslation } from "react-i18next";
import { useApiKeys, useRevokeKey } from "@/api/queries";
import type { ApiKey } from "@/api/types";
import { Ago } from "@/ui/parts";
import { Failed, Loading, useErrorSentence } from "@/ui/states";
import { NewKey } from "./NewKey";

export function ApiKeys() {
  const { t } = useTranslation("settings");
  const keys = useApiKeys();
  const [making, setMaking] = useState(false);
  return (
    <section className="card" aria-labelledby="settings-keys">
      <h2 className="card-title" id="settings-keys">
        {t("keys")}
        <span className="toolbar-grow" />
        <Button onClick={() => setMaking(true)}>{t("newKey")}</Button>
      </h2>
      <div className="card-body">
        <p className="faint">{t("keysHint")}</p>
        {keys.isPending && <Loading rows={2} />}
        {keys.isError && !keys.data && <Failed error={keys.error} retry={() => void keys.refetch()} />}
        {keys.data?.items.length === 0 && <p className="quiet">{t("noKeys")}</p>}
        <ul className="keys">
          {keys.data?.items.map((one) => (
            <KeyRow key={one.id} apiKey={one} />
          ))}
        </ul>
      </div>
      <NewKey open={making} close={() => setMaking(false)} />
    </section>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation("settings");
  const { message } = AntApp.useApp();
  const sentence = useErrorSentence();
  const revoke = useRevokeKey();
  const act = () =>
    revoke.mutate(apiKey.id, {
      onSuccess: () => void message.success(t("revoked")),
      onError: (error) => void message.error(sentence(error)),
    });
  return (
    <li>
      <span className="one-line">
        {apiKey.name} {apiKey.hint && <code className="faint">…{apiKey.hint}</code>}
      </span>
      <span className="tag">{t(`scope.${apiKey.scope}`, { defaultValue: apiKey.scope })}</span>
      <span className="faint">
        {apiKey.last_used_at ? (
          <>
            {t("used")} <Ago at={apiKey.last_used_at} />
          </>
        ) : (
          t("neverUsed")
        )}
      </span>
      <Popconfirm
        title={t("revokeTitle", { name: apiKey.name })}
        description={t("revokeHint")}
        okText={t("revoke")}
        onConfirm={act}
      >
        <Button size="small" danger loading={revoke.isPending}>
          {t("revoke")}
        </Button>
      </Popconfirm>
    </li>
  );
}
