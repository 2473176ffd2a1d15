"""The tables of the world in memory, with the keys, indexes and CHECKs that `store/tables.py` states for PostgreSQL."""

from types import SimpleNamespace

from journey_engine.memory.tables import Index, Queue, Row, Table

MESSAGE_STATES = ("queued", "sending", "sent", "suppressed", "failed", "unknown")
ENROLLMENT_STATES = ("armed", "waiting", "completed", "exited", "failed")
ENDED = ("completed", "exited", "failed")
JOURNEY_STATES = ("draft", "live", "paused", "stopped", "archived")

ACCOUNT = {"stopped_at": None, "stopped_why": "", "broken_at": None, "broken_why": "", "probe_at": None, "probes": 0}
ACCOUNT |= {"next_slot_at": None}
JOURNEY = {"status": "draft", "draft_revision": 1, "live_version_id": None, "resumed": None}
VERSION = {"handover": None, "gathered_to": None, "settled_at": None}
INBOX = {"journey_id": None, "tries": 0, "not_before": None, "tried_why": None}
MESSAGE = {"status": "queued", "reason": "", "progress": "", "claimed_at": None, "sent_at": None, "attempts": 0}
COUPON_CODE = {"expires_at": None, "granted_at": None, "customer_id": None, "enrollment_id": None}
COUPON_CODE |= {"node_id": None, "visit": None}
DELIVERY = {"ended_at": None, "outcome": "", "code": "", "detail": "", "provider_ref": "", "cost_units": 0}


def tables() -> SimpleNamespace:
    """A new set of empty tables."""
    made = [_shop(), _people(), _segments(), _offices(), _events(), _journeys(), _walks(), _outbox()]
    return SimpleNamespace(**{table.name: table for group in made for table in group})


def _of(*columns: str) -> Index:
    """An index by equal values of these columns."""
    if len(columns) == 1:
        (column,) = columns
        return Index(lambda row: row.__dict__[column])
    return Index(lambda row: tuple(row.__dict__[column] for column in columns))


def _key(*columns: str):
    """The primary key of a row."""
    if len(columns) == 1:
        (column,) = columns
        return lambda row: row.__dict__[column]
    return lambda row: tuple(row.__dict__[column] for column in columns)


def _shop() -> list[Table]:
    return [
        Table("control", lambda row: 1),
        Table("workspaces", _key("id"), {"timezone": "Asia/Shanghai", "settings": {}}),
        Table("accounts", _key("id"), ACCOUNT),
        Table("event_names", _key("workspace_id", "name")),
        Table("counts", _key("version_id", "node_id", "what", "slot")),
    ]


def _people() -> list[Table]:
    return [
        Table("customers", _key("id"), {"attributes": {}}),
        Table("identities", _key("workspace_id", "kind", "value"), by_customer=_of("customer_id")),
        Table("merges", _key("loser_id"), by_survivor=_of("survivor_id")),
        Table("consents", _key("customer_id", "channel", "topic"), by_customer=_of("customer_id")),
        Table("consent_changes", _key("id"), by_customer=_of("customer_id")),
        Table(
            "activity",
            _key("customer_id", "name"),
            {},
            {"sane": lambda row: row.count > 0 and row.first_at <= row.last_at},
            by_customer=_of("customer_id"),
        ),
    ]


def _offices() -> list[Table]:
    """What people of the shop keep: pools of coupons, and what waits for their word."""
    checks = {"given_is_used": lambda row: row.granted_at is not None or (row.customer_id or row.enrollment_id) is None}
    return [
        Table("coupon_pools", _key("id"), {"expires_at": None, "low_at": 0}),
        Table(
            "coupon_codes",
            _key("pool_id", "code"),
            COUPON_CODE,
            checks,
            free=Queue(lambda row: (row.pool_id, row.seq) if row.granted_at is None else None),
            by_customer=Index(lambda row: row.customer_id),
            one_code_per_visit=Index(_visit_of_code, unique=True),
        ),
        Table("approvals", _key("enrollment_id"), by_customer=_of("customer_id")),
    ]


def _visit_of_code(row: Row) -> tuple | None:
    return (row.enrollment_id, row.node_id, row.visit) if row.enrollment_id is not None else None


def _segments() -> list[Table]:
    checks = {"worth_keeping": lambda row: row.member or row.flip_at is not None}
    return [
        Table("segments", _key("id"), {"next_shard": 0, "state": "computing", "computed_at": None}),
        Table(
            "segment_states",
            _key("customer_id", "segment_id"),
            {"flip_at": None},
            checks,
            by_customer=_of("customer_id"),
            flips=Queue(lambda row: (row.shard, row.flip_at) if row.flip_at is not None else None),
        ),
        Table("segment_days", _key("segment_id", "day", "slot"), {"joined": 0, "left": 0}),
    ]


def _events() -> list[Table]:
    return [
        Table("events", _key("id"), by_customer=_of("customer_id")),
        Table("event_keys", _key("workspace_id", "message_id")),
        Table("event_outcomes", _key("event_id")),
        Table(
            "inbox",
            _key("shard", "workspace_id", "seq"),
            INBOX,
            by_shard=Queue(lambda row: (row.shard, (row.workspace_id, row.seq))),
            by_customer=_of("customer_id"),
            set_back=Index(lambda row: row.customer_id if row.not_before is not None else None),
        ),
        Table(
            "parked_events",
            _key("journey_id", "seq"),
            by_journey=Queue(lambda row: (row.journey_id, row.seq)),
            by_customer=_of("customer_id"),
        ),
    ]


def _journeys() -> list[Table]:
    checks = {
        "known_status": lambda row: row.status in JOURNEY_STATES,
        "live_has_a_version": lambda row: row.status not in ("live", "paused") or row.live_version_id is not None,
    }
    one_number = Index(_key("journey_id", "number"), unique=True)
    return [
        Table("journeys", _key("id"), JOURNEY, checks),
        Table("versions", _key("id"), VERSION, one_number_per_version=one_number, by_journey=_of("journey_id")),
        Table(
            "trigger_dues",
            _key("customer_id", "journey_id", "trigger_id", "key"),
            by_customer=_of("customer_id"),
            by_trigger=_of("journey_id", "trigger_id"),
            by_time=Queue(lambda row: (0, row.due_at)),
        ),
        Table(
            "trigger_marks",
            _key("journey_id", "trigger_id"),
            {"begins_at": None, "place": "", "cursor": None},
            by_trigger=_of("journey_id", "trigger_id"),
        ),
        Table("volumes", _key("journey_id"), {"taken": 0}),
        Table(
            "moves",
            _key("journey_id", "shard", "enrollment_id"),
            by_journey=_of("journey_id"),
            by_enrollment=_of("enrollment_id"),
        ),
    ]


def _walks() -> list[Table]:
    checks = {
        "known_status": lambda row: row.status in ENROLLMENT_STATES,
        "ended_is_final": lambda row: (row.ended_at is not None) == (row.status in ENDED),
        "the_ended_do_not_wake": lambda row: row.ended_at is None or row.wake_at is None,
    }
    return [
        Table(
            "enrollments",
            _key("id"),
            {},
            checks,
            one_enrollment_per_entry=Index(_key("customer_id", "journey_id", "key", "entry_no"), unique=True),
            by_customer=_of("customer_id"),
            live=Index(lambda row: row.customer_id if row.ended_at is None else None),
            by_pair=_of("customer_id", "journey_id"),
            by_journey=_of("journey_id"),
            due=Queue(lambda row: (row.shard, row.wake_at) if row.wake_at is not None else None),
            parked=Index(lambda row: row.journey_id if row.parked_wake_at is not None else None),
        ),
        Table("wake_tries", _key("enrollment_id", "visits")),
        Table("visits", _key("enrollment_id", "n"), by_enrollment=_of("enrollment_id")),
        Table("refusals", _key("id"), by_customer=_of("customer_id")),
        Table(
            "conversions",
            _key("enrollment_id", "goal"),
            by_enrollment=_of("enrollment_id"),
            by_customer=_of("customer_id"),
        ),
        Table("exposures", _key("enrollment_id", "node_id"), by_customer=_of("customer_id")),
    ]


def _outbox() -> list[Table]:
    return [
        Table(
            "messages",
            _key("id"),
            MESSAGE | {"content": None},
            {
                "known_status": lambda row: row.status in MESSAGE_STATES,
                "known_class": lambda row: row.__dict__["class"] in ("marketing", "transactional", "otp"),
            },
            queued=Queue(_queued),
            unknown=Queue(lambda row: (row.account_id, row.due_at) if row.status == "unknown" and row.due_at else None),
            sending=Queue(lambda row: (0, row.claimed_at) if row.status == "sending" else None),
            by_customer=_of("customer_id"),
            by_journey=_of("journey_id"),
        ),
        Table("deliveries", _key("message_id", "attempt"), DELIVERY, by_message=_of("message_id")),
        Table("receipts", _key("account_id", "message_id", "kind", "provider_ref"), by_message=_of("message_id")),
    ]


def _queued(row: Row) -> tuple | None:
    """The queue of a lane that a message stands in, one for each class and journey, and since when."""
    if row.status != "queued" or row.due_at is None:
        return None
    return (row.account_id, row.__dict__["class"] == "marketing", row.journey_id), row.due_at


def new_row(table: Table, columns: dict) -> Row:
    """A row with the defaults of what is not said."""
    return Row({**table.defaults, **columns})
