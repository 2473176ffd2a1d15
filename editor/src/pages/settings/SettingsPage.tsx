/** Settings: the operator's own choices, the keys that programs use, and the accounts that send. */
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/may";
import { Page } from "@/ui/Page";
import { Accounts } from "./Accounts";
import { ApiKeys } from "./ApiKeys";
import { Personal } from "./Personal";
import "./settings.css";

export default function SettingsPage() {
  const { t } = useTranslation("settings");
  const may = useMay();
  return (
    <Page title={t("title")}>
      <div className="settings">
        <Personal />
        {may("administer") && <ApiKeys />}
        <Accounts />
      </div>
    </Page>
  );
}
