/** What a customer is right now: tagged, in a segment, agreed to a channel, in a journey, reached by a message. */
import Input from "antd/es/input";
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import {
  MESSAGE_STATES,
  type ConsentLeaf,
  type JourneyLeaf,
  type MessageLeaf,
  type SegmentLeaf,
  type TagLeaf,
  type Window,
} from "@/journey/rules";
import { useForm } from "../../form";
import { JourneyChooser, NodeChooser, SegmentChooser } from "../choosers";
import { NameInput } from "../names";
import { WindowInput } from "./WindowInput";

type Props<L> = { leaf: L; change: (leaf: L) => void };
const CHANNELS = ["sms", "email", "wecom", "webhook"];
const CONSENTS = ["granted", "withdrawn", "none"] as const;
const PLACES = ["is_in", "was_in", "reached"] as const;

export const TagInput = ({ leaf, change }: Props<TagLeaf>) => (
  <NameInput sort="tag" value={leaf.tag} change={(tag) => change({ tag })} />
);

export const SegmentInput = ({ leaf, change }: Props<SegmentLeaf>) => (
  <SegmentChooser value={leaf.segment} change={(segment) => change({ segment: String(segment) })} />
);

export function ConsentInput({ leaf, change }: Props<ConsentLeaf>) {
  const { t } = useTranslation("rule");
  const { readOnly } = useForm();
  return (
    <div className="leaf leaf-pairs">
      <Words
        label={t("consent.state")}
        value={leaf.state}
        offered={CONSENTS}
        say={(state) => t(`consent.${state}`)}
        change={(state) => change({ ...leaf, state })}
      />
      <Words
        label={t("channel")}
        value={leaf.consent}
        offered={CHANNELS.slice(0, 3)}
        say={(channel) => t(`words:channel.${channel}`)}
        change={(channel) => change({ ...leaf, consent: channel })}
      />
      <Input
        aria-label={t("consent.topic")}
        prefix={<span className="faint">{t("consent.topic")}</span>}
        placeholder="marketing"
        value={leaf.topic ?? ""}
        disabled={readOnly}
        onChange={({ target }) => change({ ...leaf, topic: target.value || undefined })}
      />
    </div>
  );
}

export function JourneyInput({ leaf, change }: Props<JourneyLeaf>) {
  const { t } = useTranslation("rule");
  const put = (journey: string, state: JourneyLeaf["state"], node?: string) =>
    change(state === "reached" ? { journey, state, node: node ?? "" } : { journey, state });
  return (
    <div className="leaf">
      <Words
        label={t("journey.state")}
        value={leaf.state}
        offered={PLACES}
        say={(state) => t(`journey.${state}`)}
        change={(state) => put(leaf.journey, state, leaf.node)}
      />
      <JourneyChooser value={leaf.journey} change={(journey) => put(String(journey), leaf.state)} />
      {leaf.state === "reached" && leaf.journey && (
        <NodeChooser
          journey={leaf.journey}
          value={leaf.node}
          change={(node) => put(leaf.journey, leaf.state, String(node))}
        />
      )}
    </div>
  );
}

/** A message of this journey's node, of another journey, of one channel, or any at all. */
export function MessageInput({ leaf, change }: Props<MessageLeaf>) {
  const { t } = useTranslation("rule");
  const { about } = useForm();
  const own = leaf.journey === undefined;
  const verbs = MESSAGE_STATES.flatMap((state) => [state, `not ${state}`]);
  const put = (changes: Partial<MessageLeaf>) => change(tidied({ ...leaf, ...changes }));
  return (
    <div className="leaf">
      <div className="leaf-pairs">
        <Words
          label={t("message.state")}
          value={leaf.did ? leaf.message : `not ${leaf.message}`}
          offered={verbs}
          say={(verb) => t(`message.${verb.replace(" ", "_")}`)}
          change={(verb) =>
            put({ message: verb.replace("not ", "") as MessageLeaf["message"], did: !verb.startsWith("not ") })
          }
        />
        <Words
          label={t("channel")}
          value={leaf.channel ?? ""}
          offered={["", ...CHANNELS]}
          say={(channel) => (channel ? t(`words:channel.${channel}`) : t("message.anyChannel"))}
          change={(channel) => put({ channel: channel || undefined })}
        />
      </div>
      <JourneyChooser
        value={leaf.journey}
        any={t(own && leaf.node ? "message.thisJourney" : "message.anyJourney")}
        change={(journey) => put({ journey: String(journey) || undefined, node: undefined })}
      />
      {(about === "enrollment" || !own) && (
        <NodeChooser
          journey={leaf.journey}
          value={leaf.node}
          any={t(own ? "message.anyMessage" : "message.anyOfJourney")}
          wanted={({ shelf }) => shelf === "message" || shelf === "messages"}
          change={(node) => put({ node: String(node) || undefined })}
        />
      )}
      <WindowInput
        window={leaf}
        change={(window) =>
          change(tidied({ ...leaf, since: undefined, last: undefined, between: undefined, ...window }))
        }
      />
    </div>
  );
}

const tidied = (leaf: MessageLeaf & Window): MessageLeaf =>
  Object.fromEntries(Object.entries(leaf).filter(([, value]) => value !== undefined)) as MessageLeaf;

type WordsProps<V extends string> = {
  label: string;
  value: V;
  offered: readonly V[];
  say: (value: V) => string;
  change: (value: V) => void;
};

function Words<V extends string>({ label, value, offered, say, change }: WordsProps<V>) {
  const { readOnly } = useForm();
  return (
    <Select<V>
      aria-label={label}
      popupMatchSelectWidth={false}
      options={offered.map((one) => ({ value: one, label: say(one) }))}
      value={value}
      disabled={readOnly}
      onChange={change}
    />
  );
}
