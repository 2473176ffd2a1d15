/** Every message, filtered by what is asked about; one opens beside the list with its checks, attempts and receipts. */
import Drawer from "antd/es/drawer";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { useJourneys, useMessages } from "@/api/queries";
import { useStatusWords } from "@/ui/StatusTag";
import { Page } from "@/ui/Page";
import { More } from "@/ui/parts";
import { Empty, Failed, Loading } from "@/ui/states";
import { MessageDetail } from "./MessageDetail";
import { MessageTable } from "./MessageTable";
import "./messages.css";

const STATUSES = ["queued", "sending", "sent", "suppressed", "failed", "unknown"];
const CHANNELS = ["sms", "email", "webhook"];

export default function MessagesPage() {
  const { t } = useTranslation("messages");
  const { id } = useParams();
  const [parameters] = useSearchParams();
  const navigate = useNavigate();
  const filters = Object.fromEntries(parameters);
  const list = useMessages(filters);
  const rows = list.data?.pages.flatMap((page) => page.items);
  const filtered = parameters.size > 0;
  const show = (message: string) =>
    void navigate({ pathname: `/messages${message && `/${message}`}`, search: parameters.toString() });
  return (
    <Page title={t("title")}>
      <Filters />
      {list.isPending && <Loading />}
      {list.isError && !rows && <Failed error={list.error} retry={() => void list.refetch()} />}
      {rows?.length === 0 && (
        <Empty title={t(filtered ? "noMatch" : "empty")} hint={t(filtered ? "noMatchHint" : "emptyHint")} />
      )}
      {rows && rows.length > 0 && (
        <div className="card table-card">
          <MessageTable rows={rows} open={show} />
          <More list={list} />
        </div>
      )}
      <Drawer open={Boolean(id)} onClose={() => show("")} size={560} title={t("one")} destroyOnHidden>
        {id && <MessageDetail id={id} />}
      </Drawer>
    </Page>
  );
}

/** Filters live in the address, so that a filtered list can be bookmarked and sent to a colleague. */
function Filters() {
  const { t } = useTranslation("messages");
  const [parameters, setParameters] = useSearchParams();
  const statusWords = useStatusWords();
  const journeys = useJourneys().data?.items ?? [];
  const filter = (name: string, placeholder: string, options: { value: string; label: string }[]) => (
    <Select
      allowClear
      className="message-filter"
      showSearch={{ optionFilterProp: "label" }}
      placeholder={placeholder}
      aria-label={placeholder}
      options={options}
      value={parameters.get(name) ?? undefined}
      onChange={(value: string | undefined) =>
        setParameters((before) => changed(before, name, value), { replace: true })
      }
    />
  );
  return (
    <div className="toolbar">
      {filter(
        "status",
        t("anyStatus"),
        STATUSES.map((value) => ({ value, label: statusWords(value) })),
      )}
      {filter(
        "channel",
        t("anyChannel"),
        CHANNELS.map((value) => ({ value, label: t(`words:channel.${value}`) })),
      )}
      {filter(
        "journey_id",
        t("anyJourney"),
        journeys.map((one) => ({ value: one.id, label: one.name })),
      )}
    </div>
  );
}

function changed(before: URLSearchParams, name: string, value: string | undefined): URLSearchParams {
  const after = new URLSearchParams(before);
  if (value) after.set(name, value);
  else after.delete(name);
  return after;
}
