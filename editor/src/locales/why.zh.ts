export default {
  title: "为什么发生，为什么没有？",
  journey: "选择旅程",
  node: "整个旅程，或其中一个节点",
  hint: "选择一个旅程，也可以选择被问到的那条消息。答案来自当时的记录，并附上读取到的值。",
  steps_other: "依据的 {{count}} 个步骤",
};
