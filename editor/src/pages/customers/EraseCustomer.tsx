/** Erasing a customer for good, after asking twice. */
import { useQueryClient } from "@tanstack/react-query";
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useErase } from "@/api/queries";
import { useErrorSentence } from "@/ui/states";

export function EraseCustomer({ id, label }: { id: string; label: string }) {
  const { t } = useTranslation("customers");
  const { modal, message } = AntApp.useApp();
  const navigate = useNavigate();
  const sentence = useErrorSentence();
  const queries = useQueryClient();
  const erase = useErase();
  const ask = () =>
    modal.confirm({
      title: t("eraseTitle", { label }),
      content: t("eraseHint"),
      okText: t("erase"),
      okButtonProps: { danger: true },
      onOk: () =>
        erase.mutateAsync(id).then(
          () => {
            void message.success(t("erased"));
            void navigate("/customers", { replace: true });
            void queries.invalidateQueries({ queryKey: ["customers", "list"] });
          },
          (error: unknown) => void message.error(sentence(error)),
        ),
    });
  return (
    <Button danger type="text" onClick={ask}>
      {t("erase")}
    </Button>
  );
}
