export default {
  title: "Approvals",
  empty: "Nothing waits for approval",
  emptyHint:
    "Customers that reach a node “Approval” are held there and listed here until somebody releases or refuses them.",
  untitled: "May this customer go on?",
  since: "waiting since",
  until: "goes on by itself at {{at}}",
  note: "A note for the history",
  release: "Release",
  refuse: "Refuse",
  done: { release: "Released. The customer goes on now.", refuse: "Refused. The customer takes the other exit now." },
};
