/** The calendar itself, apart because it is large and rarely needed. */
import DatePicker from "antd/es/date-picker";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";

const DAY = "YYYY-MM-DD";
const MOMENT = "YYYY-MM-DDTHH:mm";

type Props = {
  id?: string;
  label?: string;
  value: string;
  change: (value: string | null) => void;
  clock?: boolean;
  disabled?: boolean;
};

export default function Calendar({ id, label, value, change, clock, disabled }: Props) {
  const shown = value ? dayjs(value) : null;
  return (
    <DatePicker
      id={id}
      className="wide"
      aria-label={label}
      placeholder={label}
      value={shown?.isValid() ? shown : null}
      format={clock ? "YYYY-MM-DD HH:mm" : DAY}
      showTime={clock ? { format: "HH:mm" } : false}
      disabled={disabled}
      onChange={(next) => change(next ? next.format(clock ? MOMENT : DAY) : null)}
    />
  );
}
