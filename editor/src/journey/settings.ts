/** The settings of the journey itself, described like a node's so that the same form shows them. */
import type { JourneySettings, Settings, SettingSpec } from "./types";

export const JOURNEY_SETTINGS: SettingSpec[] = [
  {
    name: "reentry",
    type: "choice",
    title: { en: "May a customer enter again?", zh: "客户可以再次进入吗？" },
    help: {
      en: "“One per key” keeps one journey for each value of the trigger's key, such as one for each cart.",
      zh: "“每个键一次”会为触发器键属性的每个值保留一个旅程，例如每个购物车一个。",
    },
    choices: [
      { value: "never", title: { en: "Never", zh: "不可以" } },
      { value: "after_end", title: { en: "After it ended", zh: "结束后可以" } },
      { value: "one_per_key", title: { en: "One per key", zh: "每个键一次" } },
    ],
  },
  {
    name: "exit_events",
    type: "list",
    title: { en: "Events that end the journey at once", zh: "立即结束旅程的事件" },
    help: {
      en: "Wherever a customer stands, one of these ends the journey and cancels what was planned.",
      zh: "无论客户走到哪里，发生其中一个事件就会结束旅程，并取消后续安排。",
    },
    fields: [
      {
        name: "event",
        type: "event_name",
        title: { en: "Event", zh: "事件" },
        required: true,
        default: "",
        completes: "event",
      },
      {
        name: "same_key",
        type: "boolean",
        title: { en: "Only with the same key", zh: "仅限相同的键" },
        default: false,
      },
    ],
  },
];

/** The journey's settings as plain values, one per field. */
export function fromJourney(settings: JourneySettings): Settings {
  return { reentry: settings.reentry?.policy ?? "after_end", exit_events: settings.exit_events ?? [] };
}

/** A field's new value as the part of the journey's settings that it changes. */
export function toJourney(name: string, value: unknown): Partial<JourneySettings> {
  return name === "reentry" ? { reentry: { policy: value } as JourneySettings["reentry"] } : { [name]: value };
}
