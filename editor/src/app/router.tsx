/** Where every page lives; each is loaded when it is first opened. */
import { createBrowserRouter, type RouteObject } from "react-router";
import { Shell } from "./Shell";
import { Unopened } from "./Unopened";

const Nothing = () => null;

type PageModule = { default: React.ComponentType };
const page = (path: string, load: () => Promise<PageModule>): RouteObject => ({
  path,
  lazy: async () => ({ Component: (await load()).default }),
  ErrorBoundary: Unopened,
  HydrateFallback: Nothing,
});

export const router = createBrowserRouter([
  page("/login", () => import("@/pages/login/LoginPage")),
  {
    element: <Shell />,
    ErrorBoundary: Unopened,
    HydrateFallback: Nothing,
    children: [
      page("/", () => import("@/pages/home/HomePage")),
      page("/journeys", () => import("@/pages/journeys/JourneysPage")),
      page("/journeys/:id", () => import("@/pages/journey/JourneyPage")),
      page("/customers", () => import("@/pages/customers/CustomersPage")),
      page("/customers/:id", () => import("@/pages/customers/CustomerPage")),
      page("/segments", () => import("@/pages/segments/SegmentsPage")),
      page("/segments/:id", () => import("@/pages/segments/SegmentPage")),
      page("/approvals", () => import("@/pages/approvals/ApprovalsPage")),
      page("/coupons", () => import("@/pages/coupons/CouponsPage")),
      page("/messages/:id?", () => import("@/pages/messages/MessagesPage")),
      page("/sandbox", () => import("@/pages/sandbox/SandboxPage")),
      page("/events", () => import("@/pages/events/EventsPage")),
      page("/settings", () => import("@/pages/settings/SettingsPage")),
      page("*", () => import("@/pages/lost/LostPage")),
    ],
  },
]);
