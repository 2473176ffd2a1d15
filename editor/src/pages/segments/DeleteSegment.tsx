/** Deleting a segment: asked once, and refused while something reads it, with the names of what does. */
import { useQueryClient } from "@tanstack/react-query";
import AntApp from "antd/es/app";
import Button from "antd/es/button";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError } from "@/api/client";
import { useDeleteSegment, type Segment, type User } from "@/api/segments";
import { useErrorSentence } from "@/ui/states";

export function DeleteSegment({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const { modal, message } = AntApp.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const sentence = useErrorSentence();
  const destroy = useDeleteSegment();
  const refused = (users: User[], why: string) =>
    void modal.warning({
      title: t("stillUsed", { name: segment.name }),
      content: users.length ? t("usedIn", { names: users.map((one) => one.name).join(", ") }) : why,
    });
  const done = () => {
    void message.success(t("deleted"));
    void navigate("/segments", { replace: true });
    void queries.invalidateQueries({ queryKey: ["segments", "list"] });
    void queries.invalidateQueries({ queryKey: ["segments", "names"] });
  };
  const ask = () => {
    if (segment.used_by.length) return refused(segment.used_by, "");
    return void modal.confirm({
      title: t("deleteTitle", { name: segment.name }),
      content: t("deleteHint"),
      okText: t("delete"),
      okButtonProps: { danger: true },
      onOk: () =>
        destroy.mutateAsync(segment.id).then(done, (error: unknown) => refused(usersIn(error), sentence(error))),
    });
  };
  return (
    <Button danger type="text" data-testid="delete-segment" onClick={ask}>
      {t("delete")}
    </Button>
  );
}

function usersIn(error: unknown): User[] {
  const users = error instanceof ApiError ? error.where.used_by : null;
  return Array.isArray(users) ? (users as User[]) : [];
}
