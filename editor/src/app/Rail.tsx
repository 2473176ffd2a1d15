/** The rail on the left: where an operator can go, as icons and words. On a phone it lies at the bottom. */
import ApartmentOutlined from "@ant-design/icons/ApartmentOutlined";
import AuditOutlined from "@ant-design/icons/AuditOutlined";
import GiftOutlined from "@ant-design/icons/GiftOutlined";
import HomeOutlined from "@ant-design/icons/HomeOutlined";
import MailOutlined from "@ant-design/icons/MailOutlined";
import MobileOutlined from "@ant-design/icons/MobileOutlined";
import PieChartOutlined from "@ant-design/icons/PieChartOutlined";
import SettingOutlined from "@ant-design/icons/SettingOutlined";
import TeamOutlined from "@ant-design/icons/TeamOutlined";
import ThunderboltOutlined from "@ant-design/icons/ThunderboltOutlined";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

const places = [
  { to: "/", word: "home", Icon: HomeOutlined },
  { to: "/journeys", word: "journeys", Icon: ApartmentOutlined },
  { to: "/customers", word: "customers", Icon: TeamOutlined },
  { to: "/segments", word: "segments", Icon: PieChartOutlined },
  { to: "/messages", word: "messages", Icon: MailOutlined },
  { to: "/approvals", word: "approvals", Icon: AuditOutlined },
  { to: "/coupons", word: "coupons", Icon: GiftOutlined },
  { to: "/events", word: "events", Icon: ThunderboltOutlined },
  { to: "/sandbox", word: "sandbox", Icon: MobileOutlined },
  { to: "/settings", word: "settings", Icon: SettingOutlined },
];

export function Rail() {
  const { t } = useTranslation("app");
  return (
    <nav className="rail" aria-label={t("rail.label")}>
      <img className="rail-mark" src="/assets/icon.svg" alt="" width={30} height={30} />
      {places.map(({ to, word, Icon }) => (
        <NavLink key={to} to={to} end={to === "/"} className="rail-place" data-testid={`rail-${word}`}>
          <Icon aria-hidden />
          <span>{t(`rail.${word}`)}</span>
        </NavLink>
      ))}
    </nav>
  );
}
