/** Signing in. The room for the error is always kept, so nothing jumps when it appears. */
import Button from "antd/es/button";
import Form from "antd/es/form";
import Input from "antd/es/input";
import Segmented from "antd/es/segmented";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import { ApiError } from "@/api/client";
import { useLogin, useMe } from "@/api/queries";
import { speak, useLanguage, type Language } from "@/app/i18n";
import { useTitle } from "@/app/title";
import { useErrorSentence } from "@/ui/states";
import "./login.css";

type Given = { email: string; password: string };

export default function LoginPage() {
  const { t } = useTranslation("login");
  useTitle(t("enter"));
  const language = useLanguage();
  const me = useMe();
  const login = useLogin();
  const from = (useLocation().state as { from?: string } | null)?.from ?? "/";
  if (me.data) return <Navigate to={from} replace />;
  return (
    <main className="login">
      <div className="login-card card">
        <img src="/assets/icon.svg" alt="" width={40} height={40} />
        <h1>{t("title")}</h1>
        <p className="quiet">{t("subtitle")}</p>
        <Form<Given>
          layout="vertical"
          requiredMark={false}
          onFinish={(given) => login.mutate(given)}
          disabled={login.isPending}
        >
          <Form.Item name="email" label={t("email")} rules={[{ required: true, message: t("emailMissing") }]}>
            <Input type="email" autoComplete="username" autoFocus size="large" />
          </Form.Item>
          <Form.Item name="password" label={t("password")} rules={[{ required: true, message: t("passwordMissing") }]}>
            <Input.Password autoComplete="current-password" size="large" />
          </Form.Item>
          <LoginError error={login.error} />
          <Button type="primary" htmlType="submit" size="large" block loading={login.isPending}>
            {t("enter")}
          </Button>
        </Form>
      </div>
      <Segmented<Language>
        value={language}
        onChange={speak}
        aria-label={t("language")}
        options={[
          { value: "en", label: "English" },
          { value: "zh", label: "简体中文" },
        ]}
      />
    </main>
  );
}

function LoginError({ error }: { error: unknown }) {
  const { t } = useTranslation("login");
  const sentence = useErrorSentence();
  const refused = error instanceof ApiError && error.status === 401;
  return (
    <p className="login-error" role="alert">
      {error ? (refused ? t("refused") : sentence(error)) : ""}
    </p>
  );
}
