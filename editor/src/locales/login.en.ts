export default {
  title: "Journey Engine",
  subtitle: "Sign in to draw journeys and watch them run.",
  email: "E-mail",
  emailMissing: "Type your e-mail address",
  password: "Password",
  passwordMissing: "Type your password",
  enter: "Sign in",
  language: "Language",
  refused: "E-mail and password do not match. Check both and try again.",
};
