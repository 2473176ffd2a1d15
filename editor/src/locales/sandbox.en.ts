export default {
  title: "Sandbox",
  phones: "Phones",
  mails: "Mails",
  webhooks: "Webhooks",
  search: "Number, address or words",
  empty: "Nothing has arrived here yet",
  emptyHint:
    "Messages of accounts that point at the sandbox land here instead of on real phones. Publish a journey and wait a moment.",
  noMatch: "Nothing matches",
  noMatchHint: "Clear the search to see everything.",
  phoneOf: "Phone {{number}}",
  fromTo: "From {{from}} to {{to}}",
  back: "Back to the list",
  faults: "Faults",
  faultsHint: "Make the sandbox misbehave as real providers do, and watch what your journeys do then.",
  never: "never",
  behave: "Behave again",
  fault: {
    sms: {
      accept_then_timeout: "SMS: accepted, but no answer",
      error_5xx: "SMS: provider error",
      throttle: "SMS: too many at once",
      undelivered: "SMS: phone not reached",
      receipt_loss: "SMS: receipt lost",
    },
    smtp: {
      reject_4xx: "Mail: refused for now",
      reject_5xx: "Mail: refused for good",
    },
  },
};
