/** Making a key: a name, what it may do, and then the key itself, this once. */
import Form from "antd/es/form";
import Input from "antd/es/input";
import Modal from "antd/es/modal";
import Radio from "antd/es/radio";
import Typography from "antd/es/typography";
import { useTranslation } from "react-i18next";
import { useCreateKey } from "@/api/queries";
import { useErrorSentence } from "@/ui/states";

const SCOPES = ["ingest", "read", "admin"];

export function NewKey({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useTranslation("settings");
  const [form] = Form.useForm<{ name: string; scope: string }>();
  const create = useCreateKey();
  const sentence = useErrorSentence();
  const made = create.data?.key;
  return (
    <Modal
      open={open}
      title={t("newKey")}
      width={460}
      destroyOnHidden
      okText={made ? t("kept") : t("create")}
      cancelButtonProps={{ style: made ? { display: "none" } : undefined }}
      confirmLoading={create.isPending}
      mask={{ closable: !made }}
      onOk={made ? close : form.submit}
      onCancel={close}
      afterClose={create.reset}
    >
      {made ? (
        <>
          <p>{t("copyNow")}</p>
          <Typography.Text code copyable className="made-key" data-testid="made-key">
            {made}
          </Typography.Text>
        </>
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          preserve={false}
          initialValues={{ scope: "ingest" }}
          onFinish={(given) => create.mutate({ name: given.name.trim(), scope: given.scope })}
        >
          <Form.Item
            name="name"
            label={t("keyName")}
            rules={[{ required: true, whitespace: true, message: t("keyNameMissing") }]}
          >
            <Input autoFocus maxLength={80} placeholder={t("keyNamePlaceholder")} />
          </Form.Item>
          <Form.Item name="scope" label={t("keyScope")}>
            <Radio.Group
              className="scopes"
              options={SCOPES.map((value) => ({ value, label: `${t(`scope.${value}`)} – ${t(`scopeHint.${value}`)}` }))}
            />
          </Form.Item>
          <p className="key-error" role="alert">
            {create.error ? sentence(create.error) : ""}
          </p>
        </Form>
      )}
    </Modal>
  );
}
