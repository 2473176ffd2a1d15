/**
 * The look in one place: every colour, radius and font, light and dark, for Ant Design and for our own style sheets.
 * Colour carries meaning only: a shelf, the sense of an exit, a state. Every text colour keeps WCAG AA on its ground.
 */
import type { ThemeConfig } from "antd";
import theme from "antd/es/theme";

export type Mode = "light" | "dark";
export type Shelf = "triggers" | "timing" | "logic" | "messages" | "customer" | "end";

const light = {
  ground: "#f5f6f8",
  surface: "#ffffff",
  raised: "#ffffff",
  sunken: "#eef0f3",
  line: "#e1e4e9",
  lineStrong: "#c6cbd3",
  text: "#1b1f26",
  textSoft: "#545c69",
  textFaint: "#636b7a",
  accent: "#2458d3",
  accentSoft: "#e8eefc",
  trigger: "#167545",
  triggerSoft: "#e3f4ea",
  timing: "#9a5b00",
  timingSoft: "#fdf0d8",
  logic: "#6d3fd1",
  logicSoft: "#efe8fc",
  message: "#1f5fc4",
  messageSoft: "#e4eefb",
  customer: "#097376",
  customerSoft: "#dff3f3",
  end: "#596273",
  endSoft: "#e9ebef",
  good: "#167545",
  goodSoft: "#e3f4ea",
  warn: "#9a5b00",
  warnSoft: "#fdf0d8",
  bad: "#c0282d",
  badSoft: "#fce8e8",
  shadow: "0 1px 2px rgb(20 28 45 / 6%), 0 4px 14px rgb(20 28 45 / 6%)",
};

export type Tokens = typeof light;

const dark: Tokens = {
  ground: "#121418",
  surface: "#1a1d23",
  raised: "#21252c",
  sunken: "#15181d",
  line: "#2c313a",
  lineStrong: "#434a56",
  text: "#e7eaef",
  textSoft: "#aab2bf",
  textFaint: "#929ba9",
  accent: "#7ea6ff",
  accentSoft: "#1f2c4a",
  trigger: "#5fcf94",
  triggerSoft: "#17342a",
  timing: "#e5ad53",
  timingSoft: "#382a14",
  logic: "#b697fb",
  logicSoft: "#2b2346",
  message: "#7db1ff",
  messageSoft: "#1a2c48",
  customer: "#55cdd0",
  customerSoft: "#133436",
  end: "#a4adbb",
  endSoft: "#2a2f37",
  good: "#5fcf94",
  goodSoft: "#17342a",
  warn: "#e5ad53",
  warnSoft: "#382a14",
  bad: "#ff8a8a",
  badSoft: "#402023",
  shadow: "0 1px 2px rgb(0 0 0 / 40%), 0 4px 14px rgb(0 0 0 / 35%)",
};

export const tokens: Record<Mode, Tokens> = { light, dark };

export const fontFamily =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Helvetica Neue', Arial, sans-serif";
export const fontFamilyCode = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Noto Sans Mono', monospace";

/** The colour pair of a shelf as CSS variables; an unknown shelf looks like an end. */
export function shelfColors(shelf: string): { ink: string; soft: string } {
  const names: Record<string, string> = {
    triggers: "trigger",
    trigger: "trigger",
    timing: "timing",
    logic: "logic",
    messages: "message",
    message: "message",
    customer: "customer",
    customers: "customer",
    actions: "customer",
    end: "end",
  };
  const name = names[shelf] ?? "end";
  return { ink: `var(--${name})`, soft: `var(--${name}-soft)` };
}

/** The tokens as CSS custom properties: `textSoft` becomes `--text-soft`. */
export function cssVariables(mode: Mode): Record<string, string> {
  const named = Object.entries(tokens[mode]).map(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    value,
  ]);
  return { ...Object.fromEntries(named), "--font": fontFamily, "--font-code": fontFamilyCode };
}

/** Ant Design's theme, fed from the same tokens. */
export function antTheme(mode: Mode, still: boolean): ThemeConfig {
  const t = tokens[mode];
  return {
    algorithm: mode === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: mode === "dark" ? "#5b8bf5" : t.accent,
      colorLink: t.accent,
      colorSuccess: t.good,
      colorWarning: t.warn,
      colorError: t.bad,
      colorInfo: t.accent,
      colorText: t.text,
      colorTextSecondary: t.textSoft,
      colorTextTertiary: t.textFaint,
      colorTextDescription: t.textFaint,
      colorTextPlaceholder: t.textFaint,
      colorBgLayout: t.ground,
      colorBgContainer: t.surface,
      colorBgElevated: t.raised,
      colorBorder: t.lineStrong,
      colorBorderSecondary: t.line,
      colorSplit: t.line,
      fontFamily,
      fontFamilyCode,
      fontSize: 14,
      borderRadius: 6,
      motion: !still,
      motionDurationSlow: "0.15s",
      motionDurationMid: "0.12s",
      motionDurationFast: "0.08s",
      boxShadowTertiary: t.shadow,
    },
    components: {
      Segmented: {
        trackBg: mode === "dark" ? t.sunken : t.line,
        itemSelectedBg: mode === "dark" ? t.line : t.surface,
        itemColor: t.textSoft,
      },
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none" },
    },
  };
}
