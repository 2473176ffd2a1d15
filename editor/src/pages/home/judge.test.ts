import { expect, it } from "vitest";
import { judge } from "./judge";

const calm = { inbox: 0, oldest_inbox_s: null, wake_lag_s: 0.2, lanes: [], workers: 4 };

it("an engine without backlog is caught up", () => {
  expect(judge(calm)).toBe("well");
});

it("an inbox that fills and empties within seconds is no trouble", () => {
  expect(judge({ ...calm, inbox: 5000, oldest_inbox_s: 1.5 })).toBe("well");
});

it("any backlog that an operator would notice is named", () => {
  expect(judge({ ...calm, oldest_inbox_s: 14 })).toBe("behind");
  expect(judge({ ...calm, wake_lag_s: 31 })).toBe("behind");
  expect(judge({ ...calm, lanes: [{ lane: "sms", queued: 9, oldest_s: 75 }] })).toBe("behind");
});

it("a lane whose provider is out of reach, or whose account is stopped, is told even before it has a backlog", () => {
  const sms = { lane: "sms", queued: 0, oldest_s: null };
  expect(judge({ ...calm, lanes: [{ ...sms, state: "out_of_reach" }] })).toBe("cannotSend");
  expect(judge({ ...calm, lanes: [{ ...sms, state: "stopped" }] })).toBe("cannotSend");
  expect(judge({ ...calm, lanes: [{ ...sms, state: "open" }] })).toBe("well");
});

it("no worker is worse than any backlog", () => {
  expect(judge({ ...calm, oldest_inbox_s: 60, workers: 0 })).toBe("noWorkers");
});
