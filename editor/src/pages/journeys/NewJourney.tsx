/** A name is all a new journey needs; then its canvas opens. */
import Form from "antd/es/form";
import Input from "antd/es/input";
import Modal from "antd/es/modal";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useCreateJourney } from "@/api/queries";
import { useErrorSentence } from "@/ui/states";

export function NewJourney({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useTranslation("journeys");
  const [form] = Form.useForm<{ name: string }>();
  const create = useCreateJourney();
  const navigate = useNavigate();
  const sentence = useErrorSentence();
  const save = ({ name }: { name: string }) =>
    create.mutate({ name: name.trim() }, { onSuccess: ({ id }) => void navigate(`/journeys/${id}`) });
  return (
    <Modal
      open={open}
      title={t("newTitle")}
      okText={t("create")}
      confirmLoading={create.isPending}
      onOk={form.submit}
      onCancel={close}
      afterClose={create.reset}
      destroyOnHidden
      width={440}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={save} preserve={false}>
        <Form.Item
          name="name"
          label={t("name")}
          extra={t("newHint")}
          rules={[{ required: true, whitespace: true, message: t("nameMissing") }]}
          validateStatus={create.error ? "error" : undefined}
          help={create.error ? sentence(create.error) : undefined}
        >
          <Input autoFocus maxLength={120} placeholder={t("namePlaceholder")} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
