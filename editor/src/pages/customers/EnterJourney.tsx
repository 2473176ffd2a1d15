/** Letting one customer enter a journey by hand: those that start when a person asks for it, with what they ask to be told. */
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import Modal from "antd/es/modal";
import Select from "antd/es/select";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEnter } from "@/api/entries";
import { useCatalogPage, useJourneys } from "@/api/queries";
import type { Customer } from "@/api/types";
import { useLanguage } from "@/app/i18n";
import { listItems } from "@/journey/catalog";
import { useJourneyGraph } from "@/journey/names";
import type { Catalog, Graph, Settings, SettingSpec, SettingType } from "@/journey/types";
import { FormContext, type Form } from "@/panel/form";
import { SettingRows } from "@/panel/SettingRows";
import { useErrorSentence } from "@/ui/states";

const BY_HAND = "api";

export function EnterJourney({ customer }: { customer: Customer }) {
  const { t } = useTranslation("entry");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button data-testid="enter-journey" onClick={() => setOpen(true)}>
        {t("button")}
      </Button>
      {open && <Dialog customer={customer} close={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ customer, close }: { customer: Customer; close: () => void }) {
  const { t } = useTranslation("entry");
  const { message } = AntApp.useApp();
  const sentence = useErrorSentence();
  const journeys = useJourneys();
  const [journey, setJourney] = useState<string>();
  const [told, setTold] = useState<Settings>({});
  const [message_id] = useState(() => `manual-${crypto.randomUUID()}`);
  const enter = useEnter();
  const fit = (journeys.data?.items ?? []).filter(
    (one) => one.status === "live" && one.graph?.nodes.some((node) => node.kind === BY_HAND),
  );
  const send = () =>
    enter.mutate(
      { journey: journey!, customer: { id: customer.id }, properties: told, message_id },
      {
        onSuccess: () => {
          void message.success(t("done"));
          close();
        },
      },
    );
  return (
    <Modal
      open
      title={t("title", { label: customer.label })}
      okText={t("enter")}
      okButtonProps={{ disabled: !journey }}
      confirmLoading={enter.isPending}
      onOk={send}
      onCancel={close}
      width={460}
    >
      <div className="enter-journey">
        <p className="quiet">{t(journeys.data && fit.length === 0 ? "none" : "hint")}</p>
        <Select
          aria-label={t("journey")}
          placeholder={t("journey")}
          loading={journeys.isPending}
          options={fit.map((one) => ({ value: one.id, label: one.name }))}
          value={journey}
          onChange={(chosen) => {
            setJourney(chosen);
            setTold({});
          }}
        />
        {journey && (
          <Told journey={journey} values={told} change={(name, value) => setTold({ ...told, [name]: value })} />
        )}
        {enter.isError && (
          <p className="enter-error" role="alert">
            {sentence(enter.error)}
          </p>
        )}
      </div>
    </Modal>
  );
}

type ToldProps = { journey: string; values: Settings; change: (name: string, value: unknown) => void };

/** What the journey's trigger wants to be told of each customer, as a form. */
function Told({ journey, values, change }: ToldProps) {
  const language = useLanguage();
  const catalog = useCatalogPage().data as Catalog | undefined;
  const { graph } = useJourneyGraph(journey);
  const specs = useMemo(() => (graph ? specsOf(graph) : []), [graph]);
  const form: Form | null = useMemo(
    () =>
      catalog
        ? { language, readOnly: false, catalog, kind: null, events: [], beside: {}, about: "customer" as const }
        : null,
    [language, catalog],
  );
  if (!form || specs.length === 0) return null;
  return (
    <FormContext value={form}>
      <SettingRows id="told" specs={specs} values={values} change={change} inner />
    </FormContext>
  );
}

const FIELD_OF: Record<string, SettingType> = {
  text: "text",
  number: "decimal",
  boolean: "boolean",
  date: "date",
  list: "values",
};

function specsOf(graph: Graph): SettingSpec[] {
  const trigger = graph.nodes.find((node) => node.kind === BY_HAND);
  return listItems(trigger?.settings ?? {}, "payload")
    .filter((field) => String(field.type) in FIELD_OF)
    .map((field) => ({
      name: String(field.name),
      type: FIELD_OF[String(field.type)]!,
      title: { en: String(field.name), zh: String(field.name) },
      required: field.required === true,
    }));
}
