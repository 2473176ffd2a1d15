"""The tables. CHECKs state what is always true; a comment says which query an index serves.

Engine tables carry `workspace_id` and `shard`, so they can be spread over machines without changing a statement, and
have no foreign keys: a key would lock the parent row on every insert of a turn, and ids are made by the engine alone.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

metadata = MetaData()

EMPTY = text("'{}'::jsonb")
NOW = text("now()")


def instant(name: str, null: bool = True, **rest) -> Column:
    return Column(name, DateTime(timezone=True), nullable=null, **rest)


def json(name: str, null: bool = False) -> Column:
    return Column(name, JSONB, nullable=null, server_default=None if null else EMPTY)


def told(name: str, null: bool = False, empty: str = "{}") -> Column:
    """JSON that is written once, by the thousand, and read as a whole: kept as the text it came as.

    To take it apart as jsonb does costs twice the time of writing the row, and a third more room.
    """
    return Column(name, JSON, nullable=null, server_default=None if null else text(f"'{empty}'::json"))


def word(name: str, default: str = "", **rest) -> Column:
    return Column(name, Text, nullable=False, server_default=default, **rest)


def scoped() -> list[Column]:
    """The two columns that every engine table begins with."""
    return [Column("workspace_id", Integer, nullable=False), Column("shard", SmallInteger, nullable=False)]


def workspace() -> Column:
    return Column("workspace_id", Integer, ForeignKey("workspaces.id"), nullable=False)


# When to vacuum. PostgreSQL's own measure, a fifth of a table, is tens of millions of dead rows in one of years, and is
# hours late for one that is empty most of the time. A vacuum reads only pages that changed since the last one, but all
# of each index, so a large table is not done all the time either.
EMPTIED = {
    "autovacuum_vacuum_scale_factor": 0.05,
    "autovacuum_vacuum_threshold": 1_000,
    "autovacuum_vacuum_insert_scale_factor": 0.1,
}
"""Rows are changed or removed: dead ones stay below a twentieth, which `fillfactor` leaves room for."""

APPENDED = {"autovacuum_vacuum_insert_scale_factor": 0.05, "autovacuum_vacuum_scale_factor": 0.05}
"""Rows stay as they are for a year: pages are marked as all visible, and frozen, a little at a time."""

QUEUE = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 1_000,
    "autovacuum_vacuum_insert_threshold": -1,
    "autovacuum_vacuum_cost_delay": 0,
}
"""Every row is soon gone: what a turn walks past first are the dead ones. A small table, so at full speed. Empty pages
go back to the system: a table with pages and no rows is planned for as if it never had any."""

SMALL = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 5_000,
    "autovacuum_vacuum_cost_delay": 0,
}
"""Few rows, each changed all the time."""

# When to vacuum. PostgreSQL's own measure, a fifth of a table, is tens of millions of dead rows in one of years, and is
# hours late for one that is empty most of the time. A vacuum reads only pages that changed since the last one, but all
# of each index, so a large table is not done all the time either.
EMPTIED = {
    "autovacuum_vacuum_scale_factor": 0.05,
    "autovacuum_vacuum_threshold": 10_000,
    "autovacuum_vacuum_insert_scale_factor": 0.1,
}
"""Rows are changed or removed: dead ones stay below a twentieth, which `fillfactor` leaves room for."""

APPENDED = {"autovacuum_vacuum_insert_scale_factor": 0.05, "autovacuum_vacuum_scale_factor": 0.05}
"""Rows stay as they are for a year: pages are marked as all visible, and frozen, a little at a time."""

QUEUE = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 10_000,
    "autovacuum_vacuum_insert_threshold": -1,
    "autovacuum_vacuum_cost_delay": 0,
    "vacuum_truncate": False,
}
"""Every row is soon gone: what a turn walks past first are the dead ones. A small table, so at full speed; the pages
stay, because giving them back to the system would stop everybody and the next rush needs them."""

SMALL = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 5_000,
    "autovacuum_vacuum_cost_delay": 0,
}
"""Few rows, each changed all the time."""

control = Table(
    "control",
    metadata,
    Column("id", SmallInteger, primary_key=True),
    Column("revision", BigInteger, nullable=False, server_default="1"),
    CheckConstraint("id = 1", name="one_row"),
    comment="Counts up with every change of what is live, so that a turn knows whether its routes are fresh.",
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    word("name"),
    word("timezone", "Asia/Shanghai"),
    json("settings"),
    instant("created_at", null=False, server_default=NOW),
)

operators = Table(
    "operators",
    metadata,
    Column("id", Uuid, primary_key=True),
    workspace(),
    word("email"),
    word("name"),
    word("role", "admin"),
    word("language"),
    word("password_hash"),
    Column("session_epoch", Integer, nullable=False, server_default="0"),
    instant("created_at", null=False, server_default=NOW),
    UniqueConstraint("email", name="one_operator_per_email"),
    CheckConstraint("role IN ('viewer', 'marketer', 'admin')", name="known_role"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    workspace(),
    word("name"),
    word("scope"),
    Column("key_hash", LargeBinary, nullable=False),
    word("hint"),
    instant("created_at", null=False, server_default=NOW),
    instant("used_at"),
    instant("revoked_at"),
    UniqueConstraint("key_hash", name="one_key_per_hash"),
    CheckConstraint("scope IN ('ingest', 'read', 'admin')", name="known_scope"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    workspace(),
    word("name"),
    word("kind"),
    word("channel"),
    json("settings"),
    Column("secrets", LargeBinary, nullable=False),
    Column("receipts_token_hash", LargeBinary),
    Column("is_default", Boolean, nullable=False, server_default="false"),
    instant("stopped_at"),
    word("stopped_why"),
    # The circuit breaker: since when the provider is out of reach, and when one message tries it again.
    instant("broken_at"),
    word("broken_why"),
    instant("probe_at"),
    Column("probes", SmallInteger, nullable=False, server_default="0"),
    # The rate: the first place that nobody has reserved yet.
    instant("next_slot_at"),
    instant("created_at", null=False, server_default=NOW),
    Index("one_default_account", "workspace_id", "channel", unique=True, postgresql_where=text("is_default")),
    Index("accounts_by_receipts_token", "receipts_token_hash"),
    postgresql_with={"fillfactor": 20},  # a rate changes its row many times a second, in place
)

customers = Table(
    "customers",
    metadata,
    Column("id", Uuid, primary_key=True),
    *scoped(),
    json("attributes"),
    instant("created_at", null=False),
    Index("customers_by_workspace", "workspace_id", "id"),  # the customers page, newest first
    postgresql_with={"fillfactor": 80},
)

identities = Table(
    "identities",
    metadata,
    Column("workspace_id", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    instant("created_at", null=False),
    Index("identities_by_customer", "customer_id"),  # addresses of a party, a customer's page, merges
)

merges = Table(
    "merges",
    metadata,
    Column("loser_id", Uuid, primary_key=True),
    *scoped(),
    Column("survivor_id", Uuid, nullable=False),
    instant("at", null=False),
    json("why"),
    Index("merges_by_survivor", "survivor_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    *scoped(),
    word("state"),
    instant("at", null=False),
    word("source"),
    CheckConstraint("state IN ('granted', 'withdrawn')", name="known_state"),
)

consent_changes = Table(
    "consent_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    word("channel"),
    word("topic"),
    word("state"),
    instant("at", null=False),
    word("source"),
    json("evidence"),
    Index("consent_changes_by_customer", "customer_id", "id"),
)

events = Table(
    "events",
    metadata,
    Column("id", Uuid, primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    word("name"),
    instant("occurred_at", null=False),
    instant("received_at", null=False),
    told("properties"),
    word("message_id"),
    word("source"),
    Index("events_by_customer", "customer_id", "name", "occurred_at"),  # history of a party, a customer's page
    postgresql_partition_by="RANGE (id)",
    comment="Partitioned by month of the id, whose first bits are the time of arrival: an id finds its partition.",
)

event_keys = Table(
    "event_keys",
    metadata,
    Column("workspace_id", Integer, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    instant("received_at", null=False),
    comment="Forgotten after the dedupe window by reading the table as it lies; an index by age would cost each event.",
    postgresql_with=EMPTIED,
)

event_names = Table(
    "event_names",
    metadata,
    Column("workspace_id", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("properties", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    instant("first_at", null=False),
    comment="Names and property keys seen, for completion in the editor.",
)

event_outcomes = Table(
    "event_outcomes",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    *scoped(),
    word("state"),
    word("why"),
    json("detail"),
    instant("at", null=False),
    CheckConstraint("state IN ('ignored', 'dead_lettered')", name="exceptional_state"),
    comment="Only events that ended otherwise than processed.",
)

inbox = Table(
    "inbox",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("workspace_id", Integer, primary_key=True, autoincrement=False),
    # Without a cache: numbers handed out in blocks to connections would put a later event before an earlier one.
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("customer_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    instant("received_at", null=False),
    Column("journey_id", Uuid),  # set: only for this journey, whose pause kept the event
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    instant("not_before"),
    Column("tried_why", Text),
    # Customers whose work failed and waits for another try; their later events wait with it.
    Index("inbox_set_back", "customer_id", postgresql_where=text("not_before IS NOT NULL")),
    postgresql_with=QUEUE,
)

parked_events = Table(
    "parked_events",
    metadata,
    Column("journey_id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    instant("received_at", null=False),
    comment="Events that a paused journey would have heard; resume puts them back into the inbox in order.",
)

activity = Table(
    "activity",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    *scoped(),
    Column("count", BigInteger, nullable=False),
    instant("first_at", null=False),
    instant("last_at", null=False),
    CheckConstraint("count > 0 AND first_at <= last_at", name="sane"),
    postgresql_with={"fillfactor": 80, **EMPTIED},
)

trigger_dues = Table(
    "trigger_dues",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("journey_id", Uuid, primary_key=True),
    Column("trigger_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    *scoped(),
    instant("due_at", null=False),
    Column("extends", Boolean, nullable=False),  # when two customers become one, the later moment counts
    Index("trigger_dues_by_time", "due_at"),  # what has come
    comment="When a trigger's moment comes for a customer; only for triggers of live journeys that go by the clock.",
    postgresql_with={"fillfactor": 80, **EMPTIED},
)

trigger_marks = Table(
    "trigger_marks",
    metadata,
    Column("journey_id", Uuid, primary_key=True),
    Column("trigger_id", Text, primary_key=True),
    workspace(),
    word("settings"),  # those that decide when its moments come; with others it begins anew
    instant("since", null=False),  # nothing before counts
    instant("begins_at"),  # when it next passes over all customers, or since when it does
    word("place"),  # which of its moments that is
    Column("cursor", Uuid),  # the last customer it has passed
)

volumes = Table(
    "volumes",
    metadata,
    Column("journey_id", Uuid, primary_key=True),
    workspace(),
    Column("span", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False, server_default="0"),
    comment="Places of a journey that lets in only so many: how many are taken, from the beginning of the span on.",
    postgresql_with={"fillfactor": 20},
)

journeys = Table(
    "journeys",
    metadata,
    Column("id", Uuid, primary_key=True),
    workspace(),
    word("name"),
    word("status", "draft"),
    json("draft"),
    Column("draft_revision", Integer, nullable=False, server_default="1"),
    Column("live_version_id", Integer),
    Column("resumed", JSON(none_as_null=True)),  # when, and what became of the wakes that had come due
    instant("created_at", null=False, server_default=NOW),
    instant("updated_at", null=False, server_default=NOW),
    Index("journeys_by_workspace", "workspace_id", "updated_at"),
    CheckConstraint("status IN ('draft', 'live', 'paused', 'stopped', 'archived')", name="known_status"),
    CheckConstraint("status NOT IN ('live', 'paused') OR live_version_id IS NOT NULL", name="live_has_a_version"),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    workspace(),
    Column("journey_id", Uuid, ForeignKey("journeys.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("graph", JSONB, nullable=False),
    instant("published_at", null=False),
    Column("published_by", Text, nullable=False, server_default=""),
    Column("handover", JSON(none_as_null=True)),  # of those in older versions; empty: they finish there
    Column("gathered_to", Uuid),  # up to which enrollment those to be handed over were looked for
    instant("settled_at"),  # since when nobody is left to be handed over
    UniqueConstraint("journey_id", "number", name="one_number_per_version"),
    Index(
        "versions_with_goals",
        "id",
        postgresql_where=text("jsonb_typeof(graph -> 'settings' -> 'goals' -> 0) = 'object'"),
    ),
    Index("versions_unsettled", "journey_id", postgresql_where=text("handover IS NOT NULL AND settled_at IS NULL")),
)

moves = Table(
    "moves",
    metadata,
    Column("journey_id", Uuid, primary_key=True),
    Column("shard", SmallInteger, primary_key=True),
    Column("enrollment_id", Uuid, primary_key=True),
    workspace(),
    comment="Who is still to be handed over to a version published anew, and was not looked at since.",
)

enrollments = Table(
    "enrollments",
    metadata,
    Column("id", Uuid, primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    Column("journey_id", Uuid, nullable=False),
    Column("version_id", Integer, nullable=False),
    word("key"),
    Column("entry_no", Integer, nullable=False, server_default="1"),
    word("status"),
    word("node_id"),
    Column("event_id", Uuid),
    told("context"),
    Column("visits", Integer, nullable=False, server_default="0"),
    instant("fired_at", null=False),
    instant("entered_at"),
    instant("held_since"),
    instant("wake_at"),
    instant("parked_wake_at"),
    instant("ended_at"),
    word("end_reason"),
    # One row per entry of a customer by journey and key: re-entry, a customer's page, the fence against two at once.
    Index("one_enrollment_per_entry", "customer_id", "journey_id", "key", "entry_no", unique=True),
    # What is due, oldest first; nothing else is indexed that a move changes.
    Index("enrollments_due", "shard", "wake_at", postgresql_where=text("wake_at IS NOT NULL")),
    Index("enrollments_parked", "journey_id", postgresql_where=text("parked_wake_at IS NOT NULL")),
    CheckConstraint(
        "status IN ('armed', 'waiting', 'completed', 'exited', 'failed')",
        name="known_status",  # `active` lasts only inside a turn
    ),
    CheckConstraint("(ended_at IS NOT NULL) = (status IN ('completed', 'exited', 'failed'))", name="ended_is_final"),
    CheckConstraint("ended_at IS NULL OR wake_at IS NULL", name="the_ended_do_not_wake"),
    postgresql_with={"fillfactor": 80, **EMPTIED},
)

past_entries = Table(
    "past_entries",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("journey_id", Uuid, primary_key=True),
    *scoped(),
    Column("entries", Integer, nullable=False),
    instant("last_at", null=False),
    comment="Who was in which journey, when the enrollments themselves are no longer kept: re-entry goes on asking it.",
)

wake_tries = Table(
    "wake_tries",
    metadata,
    Column("enrollment_id", Uuid, primary_key=True),
    Column("visits", Integer, primary_key=True),
    *scoped(),
    Column("tries", SmallInteger, nullable=False),
    word("why"),
    instant("at", null=False),
    Index("wake_tries_by_age", "at", postgresql_using="brin"),  # forgetting
    comment="Wakes that could not be worked, by the visits made before: how often they were tried, and why.",
)

visits = Table(
    "visits",
    metadata,
    Column("enrollment_id", Uuid, primary_key=True),
    Column("n", Integer, primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    Column("version_id", Integer, nullable=False),
    instant("at", null=False),
    told("cause"),
    told("path", empty="[]"),
    comment="One row per path from hold to hold: `n` is the number of its first visit, `path` its nodes with reasons.",
    postgresql_with=APPENDED,
)

refusals = Table(
    "refusals",
    metadata,
    Column("id", BigInteger, Identity(cache=100), primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    Column("journey_id", Uuid, nullable=False),
    Column("version_id", Integer, nullable=False),
    Column("event_id", Uuid),
    instant("at", null=False),
    told("reason"),
    Index("refusals_by_customer", "customer_id", "id"),  # "why did this customer not enter"
    postgresql_with=APPENDED,
)

conversions = Table(
    "conversions",
    metadata,
    Column("enrollment_id", Uuid, primary_key=True),
    Column("goal", Text, primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    Column("journey_id", Uuid, nullable=False),
    Column("version_id", Integer, nullable=False),
    Column("event_id", Uuid),
    instant("occurred_at", null=False),
    instant("at", null=False),
    Column("message_id", Uuid),
    word("node_id"),
    Column("value", Numeric),
    word("currency"),
    Column("held_out", Boolean, nullable=False),
    Index("conversions_by_customer", "customer_id"),  # a customer's page, merges, erasure
    Index("conversions_by_journey", "journey_id", "goal"),  # the report: revenue
    comment="Who reached a goal, once for each enrollment; `node_id` is the one whose message was the last before it.",
)

exposures = Table(
    "exposures",
    metadata,
    Column("enrollment_id", Uuid, primary_key=True),
    Column("node_id", Text, primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    Column("journey_id", Uuid, nullable=False),
    Column("version_id", Integer, nullable=False),
    word("arm"),
    instant("at", null=False),
    Index("exposures_by_journey", "journey_id", "node_id"),  # the report of an experiment
    Index("exposures_by_customer", "customer_id"),  # merges, erasure
    comment="Which arm of an experiment an enrollment got when it came there first, in journeys that have goals.",
)

messages = Table(
    "messages",
    metadata,
    Column("id", Uuid, primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    Column("enrollment_id", Uuid, nullable=False),
    Column("journey_id", Uuid, nullable=False),
    Column("version_id", Integer, nullable=False),
    word("node_id"),
    Column("visit", Integer, nullable=False),
    word("channel"),
    Column("account_id", Integer, nullable=False),
    word("address"),
    word("class"),
    word("status", "queued"),
    word("reason"),
    word("progress"),
    instant("queued_at", null=False),
    instant("due_at"),
    instant("claimed_at"),
    instant("sent_at"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    told("checks", empty="[]"),
    told("content", null=True),
    # The next of each journey in a lane, urgent ones apart. A message parked by a pause has no due_at and stands last.
    Index(
        "messages_queued",
        "account_id",
        text("(class = 'marketing')"),
        "journey_id",
        "due_at",
        postgresql_where=text("status = 'queued'"),
    ),
    # Unknown ones that are to be looked up, or sent once more, when their time comes.
    Index(
        "messages_unknown",
        "account_id",
        "due_at",
        postgresql_where=text("status = 'unknown' AND due_at IS NOT NULL"),
    ),
    Index("messages_sending", "claimed_at", postgresql_where=text("status = 'sending'")),  # left by dead workers
    Index("messages_by_customer", "customer_id", "id"),  # a customer's page, unsubscribe, caps
    CheckConstraint(
        "status IN ('queued', 'sending', 'sent', 'suppressed', 'failed', 'unknown')",
        name="known_status",
    ),
    CheckConstraint("class IN ('marketing', 'transactional', 'otp')", name="known_class"),
    postgresql_with={"fillfactor": 70, **EMPTIED},
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("attempt", SmallInteger, primary_key=True),
    *scoped(),
    instant("started_at", null=False),
    instant("ended_at"),
    word("outcome"),
    word("code"),
    word("detail"),
    word("provider_ref"),
    Column("cost_units", Integer, nullable=False, server_default="0"),
    comment="One attempt each, written together with its intent: a row without an end was cut short.",
    postgresql_with=EMPTIED,
)

receipts = Table(
    "receipts",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("provider_ref", Text, primary_key=True),
    *scoped(),
    instant("at", null=False),
    instant("received_at", null=False),
    word("code"),
    word("detail"),
    Column("matched", Boolean, nullable=False),
    Index("receipts_by_message", "message_id"),
    Index("receipts_unmatched", "received_at", postgresql_where=text("NOT matched")),  # others go with theirs
    comment="What a provider said later. An unmatched one came before the message, and is matched when that is known.",
)

counts = Table(
    "counts",
    metadata,
    Column("version_id", Integer, primary_key=True),
    Column("node_id", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    *scoped(),
    Column("n", BigInteger, nullable=False),
    comment="Numbers per version and node, summed over slots. A slot has one writer at a time, so nobody waits.",
    postgresql_with={"fillfactor": 50, **SMALL},
)

retention = Table(
    "retention",
    metadata,
    Column("what", Text, primary_key=True),
    Column("place", Text),  # where the round under way stands; null between rounds
    instant("rests_until"),
    instant("kept_since"),  # what is older was removed, unless somebody live needs it; null: nothing ever was
    Column("removed", BigInteger, nullable=False, server_default="0"),
    comment="How far the removal of what is old has come. Whoever holds a row is the one who removes.",
)

segments = Table(
    "segments",
    metadata,
    Column("id", Uuid, primary_key=True),
    workspace(),
    word("name"),
    json("rule"),
    word("state", "computing"),
    Column("next_shard", SmallInteger, nullable=False, server_default="0"),
    instant("computed_at"),
    instant("created_at", null=False, server_default=NOW),
    instant("updated_at", null=False, server_default=NOW),
    Index("one_segment_per_name", "workspace_id", "name", unique=True),
    CheckConstraint("state IN ('computing', 'live')", name="known_state"),
    comment="While computing, the shards from next_shard on still have to be gone through; computed_at: once it was.",
)

segment_states = Table(
    "segment_states",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("segment_id", Uuid, primary_key=True),
    *scoped(),
    Column("member", Boolean, nullable=False),
    instant("since", null=False),
    instant("flip_at"),
    Index("segment_members", "segment_id", "customer_id", postgresql_where=text("member")),  # pages of members
    # Whose verdict may change by time alone, or is asked for again because something outside of turns changed.
    Index("segment_flips", "shard", "flip_at", postgresql_where=text("flip_at IS NOT NULL")),
    CheckConstraint("member OR flip_at IS NOT NULL", name="worth_keeping"),
    comment="Members, and those who are not but may become one when `flip_at` comes.",
    postgresql_with={"fillfactor": 80},
)

segment_days = Table(
    "segment_days",
    metadata,
    Column("segment_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    *scoped(),
    Column("joined", BigInteger, nullable=False, server_default="0"),
    Column("left", BigInteger, nullable=False, server_default="0"),
    comment="How many joined and left on each day of the workspace; the size is what remains. A slot has one writer.",
    postgresql_with={"fillfactor": 50},
)

coupon_pools = Table(
    "coupon_pools",
    metadata,
    Column("id", Uuid, primary_key=True),
    workspace(),
    word("name"),
    instant("expires_at"),
    Column("low_at", Integer, nullable=False, server_default="0"),
    instant("created_at", null=False),
    Index("coupon_pools_by_workspace", "workspace_id", "id"),  # the page of pools, newest first
    comment="Of no shard: turns of all shards draw from the same pool.",
)

coupon_codes = Table(
    "coupon_codes",
    metadata,
    Column("pool_id", Uuid, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("workspace_id", Integer, nullable=False),
    Column("seq", BigInteger, Identity(cache=100)),
    instant("expires_at"),
    instant("granted_at"),
    Column("customer_id", Uuid),
    Column("enrollment_id", Uuid),
    Column("node_id", Text),
    Column("visit", Integer),
    Index("coupon_codes_free", "pool_id", "seq", postgresql_where=text("granted_at IS NULL")),  # the next of a pool
    Index("coupon_codes_by_customer", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),  # merge, erase
    Index(
        "one_code_per_visit",
        "enrollment_id",
        "node_id",
        "visit",
        unique=True,
        postgresql_where=text("enrollment_id IS NOT NULL"),
    ),
    CheckConstraint("granted_at IS NOT NULL OR (customer_id IS NULL AND enrollment_id IS NULL)", name="given_is_used"),
    comment="A code whose customer was erased stays used and names nobody.",
    postgresql_with={"fillfactor": 80, **EMPTIED},
)

approvals = Table(
    "approvals",
    metadata,
    Column("enrollment_id", Uuid, primary_key=True),
    *scoped(),
    Column("customer_id", Uuid, nullable=False),
    Column("journey_id", Uuid, nullable=False),
    word("node_id"),
    instant("asked_at", null=False),
    instant("until"),
    Index("approvals_by_workspace", "workspace_id", "asked_at", "enrollment_id"),  # the page of approvals, oldest first
    Index("approvals_by_customer", "customer_id"),  # merge, erase
    comment="Who waits for a person's word. A row whose customer is held there no more is swept away.",
    postgresql_with={**SMALL},
)

rfm_scores = Table(
    "rfm_scores",
    metadata,
    Column("workspace_id", Integer, primary_key=True, autoincrement=False),
    Column("customer_id", Uuid, primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("recency", SmallInteger, nullable=False),
    Column("frequency", SmallInteger, nullable=False),
    Column("monetary", SmallInteger, nullable=False),
    instant("first_at", null=False),
    instant("last_at", null=False),
    comment="Scores of the last run, from when all are made until each is written to its customer.",
)

rfm_runs = Table(
    "rfm_runs",
    metadata,
    Column("workspace_id", Integer, ForeignKey("workspaces.id"), primary_key=True),
    Column("day", Date),
    instant("scored_at"),
    Column("next_shard", SmallInteger, nullable=False),
    Column("customers", BigInteger, nullable=False, server_default="0"),
    instant("asked_at"),
    comment="The last run of a workspace; shards from next_shard on still have to be written.",
)
