/** A field to search with; what it means is said by its placeholder and its label alike. */
import SearchOutlined from "@ant-design/icons/SearchOutlined";
import Input from "antd/es/input";

type Props = { label: string; value: string; search: (words: string) => void; autoFocus?: boolean; wide?: boolean };

export function SearchBox({ label, value, search, autoFocus, wide }: Props) {
  return (
    <Input
      allowClear
      autoFocus={autoFocus}
      className={wide ? "search search-wide" : "search"}
      prefix={<SearchOutlined className="faint" aria-hidden />}
      placeholder={label}
      aria-label={label}
      value={value}
      onChange={(typed) => search(typed.target.value)}
    />
  );
}
