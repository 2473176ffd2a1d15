export default {
  title: "Why did it happen, why not?",
  journey: "Choose a journey",
  node: "The journey as a whole, or one of its nodes",
  hint: "Choose a journey, and perhaps the message that somebody asks about. The answer comes from what was recorded, with the values that were read.",
  steps_one: "{{count}} step behind this",
  steps_other: "{{count}} steps behind this",
};
