export default {
  title: "审批",
  empty: "没有待审批的客户",
  emptyHint: "到达“审批”节点的客户会停在那里，并列在此处，直到有人放行或拒绝。",
  untitled: "是否放行这位客户？",
  since: "等待开始于",
  until: "{{at}} 自动继续",
  note: "备注，会写入历史",
  release: "放行",
  refuse: "拒绝",
  done: { release: "已放行，客户继续前进。", refuse: "已拒绝，客户走另一个出口。" },
};
