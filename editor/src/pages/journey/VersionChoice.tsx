/** Which graph is on show: the draft, or a version as it was published. */
import Select from "antd/es/select";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/app/format";
import type { Journey, VersionLine } from "@/journey/queries";
import { testIds } from "@/journey/testids";

type Props = { journey: Journey; version: number | null; show: (version: number | null) => void };
const DRAFT = 0;

export function VersionChoice({ journey, version, show }: Props) {
  const { t } = useTranslation("canvas");
  const { dateTime } = useFormat();
  if (journey.versions.length === 0) return null;
  const newestFirst = [...journey.versions].sort((a, b) => b.number - a.number);
  const options = [
    { value: DRAFT, label: t("version.draft"), when: "" },
    ...newestFirst.map((one) => ({
      value: one.number,
      label: t(one.number === journey.live_version ? "version.live" : "version.old", { version: one.number }),
      when: [dateTime(one.published_at), publisher(one)].filter(Boolean).join(" · "),
    })),
  ];
  return (
    <Select
      size="middle"
      variant="filled"
      className="version-choice"
      data-testid={testIds.version}
      aria-label={t("version.label")}
      popupMatchSelectWidth={false}
      value={version ?? DRAFT}
      options={options}
      optionRender={({ data }) => (
        <span className="version-option">
          {data.label}
          <small>{data.when}</small>
        </span>
      )}
      onChange={(chosen) => show(chosen === DRAFT ? null : chosen)}
    />
  );
}

function publisher({ published_by: by }: VersionLine): string {
  return typeof by === "string" ? by : (by?.name ?? "");
}
