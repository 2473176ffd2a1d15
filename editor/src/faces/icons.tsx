/** The picture for an icon name of the catalog. A name nobody drew yet gets a plain node. */
import type { ComponentType } from "react";
import ApartmentOutlined from "@ant-design/icons/es/icons/ApartmentOutlined";
import ApiOutlined from "@ant-design/icons/es/icons/ApiOutlined";
import BellOutlined from "@ant-design/icons/es/icons/BellOutlined";
import BranchesOutlined from "@ant-design/icons/es/icons/BranchesOutlined";
import CalendarOutlined from "@ant-design/icons/es/icons/CalendarOutlined";
import ClockCircleOutlined from "@ant-design/icons/es/icons/ClockCircleOutlined";
import FieldTimeOutlined from "@ant-design/icons/es/icons/FieldTimeOutlined";
import FilterOutlined from "@ant-design/icons/es/icons/FilterOutlined";
import FlagOutlined from "@ant-design/icons/es/icons/FlagOutlined";
import GiftOutlined from "@ant-design/icons/es/icons/GiftOutlined";
import HourglassOutlined from "@ant-design/icons/es/icons/HourglassOutlined";
import LinkOutlined from "@ant-design/icons/es/icons/LinkOutlined";
import MailOutlined from "@ant-design/icons/es/icons/MailOutlined";
import MessageOutlined from "@ant-design/icons/es/icons/MessageOutlined";
import NodeIndexOutlined from "@ant-design/icons/es/icons/NodeIndexOutlined";
import PercentageOutlined from "@ant-design/icons/es/icons/PercentageOutlined";
import PlayCircleOutlined from "@ant-design/icons/es/icons/PlayCircleOutlined";
import StarOutlined from "@ant-design/icons/es/icons/StarOutlined";
import StopOutlined from "@ant-design/icons/es/icons/StopOutlined";
import SwapOutlined from "@ant-design/icons/es/icons/SwapOutlined";
import TagOutlined from "@ant-design/icons/es/icons/TagOutlined";
import TeamOutlined from "@ant-design/icons/es/icons/TeamOutlined";
import ThunderboltOutlined from "@ant-design/icons/es/icons/ThunderboltOutlined";
import UserOutlined from "@ant-design/icons/es/icons/UserOutlined";
import UserSwitchOutlined from "@ant-design/icons/es/icons/UserSwitchOutlined";
import WechatOutlined from "@ant-design/icons/es/icons/WechatOutlined";
import { shelfColors } from "@/app/theme";

const PICTURES: Record<string, ComponentType> = {
  "alarm-clock": FieldTimeOutlined,
  "alarm-clock-off": FieldTimeOutlined,
  bell: BellOutlined,
  "bell-ring": BellOutlined,
  calendar: CalendarOutlined,
  clock: ClockCircleOutlined,
  filter: FilterOutlined,
  flag: FlagOutlined,
  gift: GiftOutlined,
  "git-branch": BranchesOutlined,
  hourglass: HourglassOutlined,
  link: LinkOutlined,
  mail: MailOutlined,
  "message-circle": WechatOutlined,
  "message-square": MessageOutlined,
  network: ApartmentOutlined,
  percent: PercentageOutlined,
  play: PlayCircleOutlined,
  shuffle: SwapOutlined,
  star: StarOutlined,
  stop: StopOutlined,
  tag: TagOutlined,
  user: UserOutlined,
  "user-pen": UserSwitchOutlined,
  users: TeamOutlined,
  webhook: ApiOutlined,
  zap: ThunderboltOutlined,
};

/** The coloured tile that tells the shelf at a glance. */
export function IconTile({ icon, shelf, small }: { icon: string; shelf: string; small?: boolean }) {
  const Picture = PICTURES[icon] ?? NodeIndexOutlined;
  const { ink, soft } = shelfColors(shelf);
  return (
    <span className={small ? "tile tile-small" : "tile"} style={{ color: ink, background: soft }} aria-hidden>
      <Picture />
    </span>
  );
}
