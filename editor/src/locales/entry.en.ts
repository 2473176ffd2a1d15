export default {
  button: "Enter a journey",
  title: "Let {{label}} enter a journey",
  hint: "The customer enters as if the journey had been called: re-entry, filters and limits count as always.",
  none: "No live journey can be entered by hand. Give one the trigger “Call, list or file” and publish it.",
  journey: "Choose a journey",
  enter: "Enter",
  done: "Asked for. The history below shows whether the customer entered, and if not, why.",
};
