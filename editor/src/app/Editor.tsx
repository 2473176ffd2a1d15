/** The whole editor: look, language, data and pages around each other. */
import { QueryClientProvider } from "@tanstack/react-query";
import AntApp from "antd/es/app";
import ConfigProvider from "antd/es/config-provider";
import enUS from "antd/es/locale/en_US";
import zhCN from "antd/es/locale/zh_CN";
import { RouterProvider } from "react-router/dom";
import { useLanguage } from "./i18n";
import { useMode, useStill } from "./look";
import { queries } from "./queries";
import { router } from "./router";
import { antTheme } from "./theme";

const noAutoSpace = { autoInsertSpace: false };

export function Editor() {
  const mode = useMode();
  const still = useStill();
  const language = useLanguage();
  return (
    <ConfigProvider theme={antTheme(mode, still)} locale={language === "zh" ? zhCN : enUS} button={noAutoSpace}>
      <AntApp component={false} message={{ duration: 4 }}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
