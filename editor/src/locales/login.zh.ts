export default {
  title: "旅程引擎",
  subtitle: "登录后即可绘制旅程并查看实时运行。",
  email: "邮箱",
  emailMissing: "请输入邮箱地址",
  password: "密码",
  passwordMissing: "请输入密码",
  enter: "登录",
  language: "语言",
  refused: "邮箱与密码不匹配。请检查后重试。",
};
