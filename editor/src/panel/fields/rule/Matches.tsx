/** How many customers a rule holds for at this moment, a breath after the last change. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreview } from "@/api/segments";
import { useFormat } from "@/app/format";
import { useErrorSentence } from "@/ui/states";

const PAUSE_MS = 500;

export function Matches({ rule }: { rule: unknown }) {
  const { t } = useTranslation("rule");
  const { number } = useFormat();
  const sentence = useErrorSentence();
  const settled = useSettled(rule, PAUSE_MS);
  const preview = usePreview(settled);
  const late = preview.isFetching || settled !== rule;
  const { size, about, problems } = preview.data ?? {};
  if (problems?.length) return null;
  return (
    <p className="rule-matches" role="status" data-testid="rule-matches" data-late={late || undefined}>
      {preview.isError && !late && sentence(preview.error)}
      {!preview.isError &&
        (size == null ? t("counting") : t("matches", { count: size, n: `${about ? "≈ " : ""}${number(size)}` }))}
    </p>
  );
}

/** A value once it has not changed for a while. */
export function useSettled<T>(value: T, pauseMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return settled;
}
