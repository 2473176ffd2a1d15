/** A pool's name, its end and when it counts as low: for a new one, or changed later. */
import Form from "antd/es/form";
import Input from "antd/es/input";
import InputNumber from "antd/es/input-number";
import Modal from "antd/es/modal";
import { useTranslation } from "react-i18next";
import { useChangePool, useCreatePool, type CouponPool } from "@/api/coupons";
import { DayInput } from "@/panel/fields/moments";
import { useErrorSentence } from "@/ui/states";

type Props = { open: boolean; pool: CouponPool | null; close: () => void; made?: (pool: CouponPool) => void };
type Given = { name: string; expires: string | null; low_at: number };

const LOW = 100;

export function PoolForm({ open, pool, close, made }: Props) {
  const { t } = useTranslation("coupons");
  const [form] = Form.useForm<Given>();
  const create = useCreatePool();
  const change = useChangePool();
  const sentence = useErrorSentence();
  const { isPending, error, reset } = pool ? change : create;
  const save = ({ name, expires, low_at }: Given) => {
    const draft = { name: name.trim(), expires_at: toInstant(expires), low_at: low_at ?? LOW };
    const onSuccess = (kept: CouponPool) => {
      close();
      made?.(kept);
    };
    if (pool) change.mutate({ id: pool.id, ...draft }, { onSuccess });
    else create.mutate(draft, { onSuccess });
  };
  return (
    <Modal
      open={open}
      title={t(pool ? "change" : "new")}
      okText={t(pool ? "save" : "create")}
      confirmLoading={isPending}
      onOk={form.submit}
      onCancel={close}
      afterClose={reset}
      destroyOnHidden
      width={440}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        preserve={false}
        initialValues={{ name: pool?.name, expires: fromInstant(pool?.expires_at), low_at: pool?.low_at ?? LOW }}
        onFinish={save}
      >
        <Form.Item
          name="name"
          label={t("name")}
          rules={[{ required: true, whitespace: true, message: t("nameMissing") }]}
        >
          <Input autoFocus maxLength={200} placeholder={t("namePlaceholder")} />
        </Form.Item>
        <Form.Item name="expires" label={t("expires")} extra={t("expiresHint")}>
          <Moment />
        </Form.Item>
        <Form.Item name="low_at" label={t("lowAt")} extra={t("lowHint")}>
          <InputNumber min={0} precision={0} />
        </Form.Item>
        <p className="pool-error" role="alert">
          {error ? sentence(error) : ""}
        </p>
      </Form>
    </Modal>
  );
}

type MomentProps = { id?: string; value?: string | null; onChange?: (value: string | null) => void };
const Moment = ({ id, value, onChange }: MomentProps) => (
  <DayInput id={id} value={value} clock change={(next) => onChange?.(next)} />
);

/** A moment as this browser's clock shows it, and back. */
const toInstant = (local: string | null): string | null => (local ? new Date(local).toISOString() : null);

function fromInstant(at: string | null | undefined): string | null {
  if (!at) return null;
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
