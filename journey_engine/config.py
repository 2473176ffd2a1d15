"""Every limit and address of an installation, named, with the reason for its value.

Values come from the environment under the names below; what is not set has the default shown.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from journey_engine.errors import ConfigError

SHARDS = 64
"""Parts that customers are spread over; fixed at installation: a shard is the last six bits of an id."""

BATCH = 2_000
"""Customers one turn takes. Two thousand cost a handful of statements and a third of a second; more gains little."""

EVENTS_PER_REQUEST = 1_000
BODY_BYTES = 1_000_000
"""Largest body of the events door, before and after gunzip, so that one request never holds much memory."""

JSON_DEPTH = 32
PROPERTIES_PER_EVENT = 1_000
PROPERTY_KEY_CHARS = 300
MESSAGE_ID_CHARS = 255
EVENT_NAME_CHARS = 200

DEDUPE_DAYS = 7
"""How long a message id is remembered; a client that repeats later than this is counted as new."""

LATE_AFTER_S = 24 * 3600
"""An event older than this when it arrives changes the customer but starts no journey, unless its trigger says so."""

AHEAD_S = 24 * 3600
"""How far ahead of our clock an event may say it happened; phones with a wrong clock exist, other centuries do not."""

NODES_PER_GRAPH = 1_000
MAX_MOVES = 2_000
"""Nodes one customer may pass without holding; a valid graph has no cycle without a wait, so this is a backstop."""

MESSAGES_A_DAY = 3
"""A drawing on which a customer may get more messages than this within a day is warned of, not refused."""

CHAIN = 10
"""Journeys that may lead to each other through events they tell, one after another, before the last one fails."""

CONTEXT_BYTES = 50_000
"""Context variables of one enrollment; they are read and written with it."""

TRIES = 5
"""How often a customer's work is tried before it is set aside where an operator can see it."""

CALL_DEADLINE_S = 10.0
"""Total time one provider call may take; what has no answer by then is unknown."""

LEAST_DAYS_KEPT = 35
"""Less is never kept: the month that has just ended stays whole."""

MOST_DAYS_KEPT = 36_500

SENDING_STALE_S = 30.0
"""A message in `sending` for longer belongs to a dead worker: a living one has three call deadlines."""


@dataclass(frozen=True)
class Keep:
    """For how many days events, ended histories and messages are kept; None: for ever.

    Thirteen months, so that this year's season can be laid beside last year's.
    """

    events_days: int | None = 400
    history_days: int | None = 400
    messages_days: int | None = 400

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Keep":
        """Read KEEP_EVENTS_DAYS, KEEP_HISTORY_DAYS, KEEP_MESSAGES_DAYS: a number of days, or `forever`."""
        return cls(*(_days(env, f"KEEP_{what}_DAYS", 400) for what in ("EVENTS", "HISTORY", "MESSAGES")))


def _days(env: Mapping[str, str], name: str, default: int) -> int | None:
    told = env.get(name, "").strip() or str(default)
    if told == "forever":
        return None
    if not told.isdecimal() or not LEAST_DAYS_KEPT <= int(told) <= MOST_DAYS_KEPT:
        asked = f"a number of days from {LEAST_DAYS_KEPT} to {MOST_DAYS_KEPT}, or `forever`"
        raise ConfigError(f"{name} is {told!r}. Set it to {asked}.")
    return int(told)


@dataclass(frozen=True)
class Config:
    """Where things are. One instance is made at start-up and handed down."""

    database_url: str = ""
    redis_url: str = ""
    secret_key: str = field(default="", repr=False)
    public_url: str = "http://127.0.0.1:8080"
    sandbox_url: str = ""
    sandbox_token: str = field(default="", repr=False)
    allowed_outgoing: tuple[str, ...] = ()
    secure_cookies: bool = False
    keep: Keep = Keep()

    @classmethod
    def from_env(cls, environ: dict[str, str] | None = None) -> "Config":
        """Read DATABASE_URL, REDIS_URL, SECRET_KEY, PUBLIC_URL, SANDBOX_URL, SANDBOX_TOKEN, ALLOWED_OUTGOING."""
        env = os.environ if environ is None else environ
        public_url = env.get("PUBLIC_URL", cls.public_url).rstrip("/")
        config = cls(
            database_url=database_url(env.get("DATABASE_URL", "")),
            redis_url=env.get("REDIS_URL", ""),
            secret_key=env.get("SECRET_KEY", ""),
            public_url=public_url,
            sandbox_url=env.get("SANDBOX_URL", "").rstrip("/"),
            sandbox_token=env.get("SANDBOX_TOKEN", ""),
            allowed_outgoing=tuple(a.strip() for a in env.get("ALLOWED_OUTGOING", "").split(",") if a.strip()),
            secure_cookies=public_url.startswith("https://"),
            keep=Keep.from_env(env),
        )
        for name, value in (("DATABASE_URL", config.database_url), ("SECRET_KEY", config.secret_key)):
            if not value:
                raise ConfigError(f"{name} is not set. Set it, or start everything with `journey up`.")
        return config


def database_url(url: str) -> str:
    """The same address with the driver that this project uses spelled out (`postgresql+psycopg://`)."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
