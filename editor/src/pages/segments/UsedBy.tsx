/** What reads a segment: before it is changed or deleted, one should know. */
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Segment, User } from "@/api/segments";

export function UsedBy({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  return (
    <section className="card">
      <h2 className="card-title">{t("usedBy")}</h2>
      <div className="card-body">
        {segment.used_by.length === 0 && <p className="quiet">{t("unused")}</p>}
        <Users users={segment.used_by} />
      </div>
    </section>
  );
}

export function Users({ users }: { users: User[] }) {
  return (
    <ul className="users">
      {users.map((one) => (
        <li key={one.journey_id ?? one.segment_id ?? one.name}>
          <Link to={one.journey_id ? `/journeys/${one.journey_id}` : `/segments/${one.segment_id}`}>{one.name}</Link>
        </li>
      ))}
    </ul>
  );
}
