/** The picture for an icon name of the catalog. A name nobody drew yet gets a plain node. */
import type { ComponentType } from "react";
import ApartmentOutlined from "@ant-design/icons/es/icons/ApartmentOutlined";
import ApiOutlined from "@ant-design/icons/es/icons/ApiOutlined";
import AuditOutlined from "@ant-design/icons/es/icons/AuditOutlined";
import BellOutlined from "@ant-design/icons/es/icons/BellOutlined";
import BranchesOutlined from "@ant-design/icons/es/icons/BranchesOutlined";
import CalendarOutlined from "@ant-design/icons/es/icons/CalendarOutlined";
import CheckSquareOutlined from "@ant-design/icons/es/icons/CheckSquareOutlined";
import ClockCircleOutlined from "@ant-design/icons/es/icons/ClockCircleOutlined";
import CodeOutlined from "@ant-design/icons/es/icons/CodeOutlined";
import FieldTimeOutlined from "@ant-design/icons/es/icons/FieldTimeOutlined";
import FilterOutlined from "@ant-design/icons/es/icons/FilterOutlined";
import FlagOutlined from "@ant-design/icons/es/icons/FlagOutlined";
import ForkOutlined from "@ant-design/icons/es/icons/ForkOutlined";
import GiftOutlined from "@ant-design/icons/es/icons/GiftOutlined";
import HourglassOutlined from "@ant-design/icons/es/icons/HourglassOutlined";
import LinkOutlined from "@ant-design/icons/es/icons/LinkOutlined";
import LoginOutlined from "@ant-design/icons/es/icons/LoginOutlined";
import LogoutOutlined from "@ant-design/icons/es/icons/LogoutOutlined";
import MailOutlined from "@ant-design/icons/es/icons/MailOutlined";
import MessageOutlined from "@ant-design/icons/es/icons/MessageOutlined";
import MoonOutlined from "@ant-design/icons/es/icons/MoonOutlined";
import NodeIndexOutlined from "@ant-design/icons/es/icons/NodeIndexOutlined";
import NotificationOutlined from "@ant-design/icons/es/icons/NotificationOutlined";
import PartitionOutlined from "@ant-design/icons/es/icons/PartitionOutlined";
import PercentageOutlined from "@ant-design/icons/es/icons/PercentageOutlined";
import PlayCircleOutlined from "@ant-design/icons/es/icons/PlayCircleOutlined";
import QuestionCircleOutlined from "@ant-design/icons/es/icons/QuestionCircleOutlined";
import SafetyCertificateOutlined from "@ant-design/icons/es/icons/SafetyCertificateOutlined";
import ScheduleOutlined from "@ant-design/icons/es/icons/ScheduleOutlined";
import SendOutlined from "@ant-design/icons/es/icons/SendOutlined";
import SolutionOutlined from "@ant-design/icons/es/icons/SolutionOutlined";
import StarOutlined from "@ant-design/icons/es/icons/StarOutlined";
import StopOutlined from "@ant-design/icons/es/icons/StopOutlined";
import SwapOutlined from "@ant-design/icons/es/icons/SwapOutlined";
import TagOutlined from "@ant-design/icons/es/icons/TagOutlined";
import TeamOutlined from "@ant-design/icons/es/icons/TeamOutlined";
import ThunderboltOutlined from "@ant-design/icons/es/icons/ThunderboltOutlined";
import TrophyOutlined from "@ant-design/icons/es/icons/TrophyOutlined";
import UsbOutlined from "@ant-design/icons/es/icons/UsbOutlined";
import UserOutlined from "@ant-design/icons/es/icons/UserOutlined";
import UserSwitchOutlined from "@ant-design/icons/es/icons/UserSwitchOutlined";
import WechatOutlined from "@ant-design/icons/es/icons/WechatOutlined";
import { shelfColors } from "@/app/theme";

const PICTURES: Record<string, ComponentType> = {
  "alarm-clock": FieldTimeOutlined,
  "alarm-clock-off": FieldTimeOutlined,
  "badge-check": SafetyCertificateOutlined,
  bell: BellOutlined,
  "bell-ring": BellOutlined,
  braces: CodeOutlined,
  cake: CalendarOutlined,
  calendar: CalendarOutlined,
  "calendar-clock": ScheduleOutlined,
  "clipboard-list": SolutionOutlined,
  clock: ClockCircleOutlined,
  dices: QuestionCircleOutlined,
  filter: FilterOutlined,
  flag: FlagOutlined,
  gift: GiftOutlined,
  "git-branch": BranchesOutlined,
  hourglass: HourglassOutlined,
  link: LinkOutlined,
  "list-checks": CheckSquareOutlined,
  "list-tree": PartitionOutlined,
  "log-in": LoginOutlined,
  "log-out": LogoutOutlined,
  mail: MailOutlined,
  "message-circle": WechatOutlined,
  "message-square": MessageOutlined,
  moon: MoonOutlined,
  network: ApartmentOutlined,
  percent: PercentageOutlined,
  play: PlayCircleOutlined,
  plug: UsbOutlined,
  radio: NotificationOutlined,
  route: SendOutlined,
  shuffle: SwapOutlined,
  split: ForkOutlined,
  star: StarOutlined,
  stop: StopOutlined,
  tag: TagOutlined,
  "ticket-percent": GiftOutlined,
  trophy: TrophyOutlined,
  user: UserOutlined,
  "user-check": AuditOutlined,
  "user-pen": UserSwitchOutlined,
  users: TeamOutlined,
  webhook: ApiOutlined,
  zap: ThunderboltOutlined,
};

/** Whether there is a picture of its own for an icon's name. */
export const isDrawn = (icon: string): boolean => icon in PICTURES;

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
