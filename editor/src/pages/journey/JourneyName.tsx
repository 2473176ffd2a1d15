/** The journey's name, changed where it stands. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEditor } from "@/journey/store";
import { testIds } from "@/journey/testids";

const LONGEST = 200;

export function JourneyName({ readOnly }: { readOnly: boolean }) {
  const { t } = useTranslation("canvas");
  const name = useEditor((state) => state.name);
  const [typed, setTyped] = useState<string | null>(null);
  const finish = () => {
    const wish = typed?.trim();
    if (wish) useEditor.getState().rename(wish);
    setTyped(null);
  };
  const shown = typed ?? name;
  return (
    <h1 className="journey-name">
      <span aria-hidden>{shown || "\u00a0"}</span>
      <input
        value={shown}
        maxLength={LONGEST}
        readOnly={readOnly}
        aria-label={t("bar.name")}
        title={name}
        data-testid={testIds.journeyName}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") setTyped(null);
        }}
      />
    </h1>
  );
}
