"""What every channel is: it shapes a message for one provider, calls it, and reads what the provider says.

    message ──► send ──► sent | retry | wait | failed | unknown | stop_account
                           │
    provider ──► read_receipts ──► delivered, failed, replied, …

A channel keeps no memory of messages, knows no database and never reads the clock: the instant is handed in. The line
that matters is between *not sent* (nothing left, try again) and *unknown* (it left, no answer came): what is unknown is
never sent again by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from journey_engine.errors import Invalid, JourneyError
from journey_engine.guard import Answer, Caller, NoAnswer, NotSent
from journey_engine.setting import Settings, setting
from journey_engine.text import Text

STATES = ("sent", "retry", "wait", "failed", "unknown", "stop_account")
RETRY_AFTER_S = (2.0, 10.0, 60.0, 300.0, 900.0)
"""Pauses between tries when the provider names none: a restart is over in seconds, an outage in minutes."""


RATE = Text(
    "Never exceeded, however many workers send; messages leave evenly spaced. 0 sets no limit.",
    "无论有多少工作进程都不会超过；消息均匀发出。0 表示不限制。",
)
BURST = Text(
    "How many may leave at once after a pause. More than 1 lets a second have that many more than its rate.",
    "停顿之后可以一次发出的条数。大于 1 时，一秒内可能比设定的速率多出这些条数。",
)
AT_ONCE = Text("0 takes what suits the channel.", "0 表示采用该渠道的默认值。")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered message, ready to leave. `at` is the instant of this attempt."""

    message_id: UUID
    to: str
    content: Mapping[str, Any]
    message_class: str
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt came to; `code` is the provider's own, for people who look it up. `answer` is what an address
    said, where a journey may want to read it."""

    message_id: UUID
    state: str
    provider_ref: str = ""
    code: str = ""
    detail: str = ""
    retry_after_s: float | None = None
    cost_units: int = 0
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider says later. `message_id` is None when only its own reference is known."""

    message_id: UUID | None
    provider_ref: str
    kind: str
    at: datetime
    code: str = ""
    detail: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


class ChannelError(JourneyError):
    """The provider refused the message."""

    code = "channel:refused"

    def __init__(self, message: str, permanent: bool, retry_after: float | None = None, code: str = "channel:refused"):
        super().__init__(message, code=code)
        self.permanent, self.retry_after = permanent, retry_after


class AccountRefused(ChannelError):
    """The provider refuses the account itself: nothing of it will go until somebody corrects it."""

    def __init__(self, message: str, code: str):
        super().__init__(message, permanent=True, code=code)


class Channel(Settings):
    """One provider for one account. An instance keeps its connections open, so keep the instance.

    `concurrency` calls are made at once, `per_place` of them to one place; a channel that calls many hosts says with
    `place` which one a node's messages go to. A provider that is one for all has a circuit breaker.
    """

    kind: ClassVar[str]
    reaches: ClassVar[str]
    title: ClassVar[Text]
    concurrency: ClassVar[int] = 8
    per_place: ClassVar[int] = 1_000
    has_breaker: ClassVar[bool] = True
    outage_codes: ClassVar[frozenset[str]] = frozenset({"not_sent", "no_answer"})
    """Codes of outcomes that tell of the provider, not of the message."""

    at_once = setting("number", "Calls at the same time", "同时调用数", default=0, min=0, max=200, help=AT_ONCE)
    rate_per_s = setting("number", "Messages per second", "每秒消息数", default=0, min=0, max=100_000, help=RATE)
    rate_per_minute = setting(
        "number", "Messages per minute", "每分钟消息数", default=0, min=0, max=1_000_000, help=RATE
    )
    rate_per_day = setting("number", "Messages per day", "每天消息数", default=0, min=0, max=100_000_000, help=RATE)
    burst = setting("number", "Messages in one burst", "突发消息数", default=1, min=1, max=100_000, help=BURST)

    def __init__(self, settings: Mapping[str, Any], allowed_outgoing: Sequence[str] = ()):
        for name, value in self.load(dict(settings)).items():
            setattr(self, name, value)
        self.width = self.at_once or self.concurrency
        self.caller = Caller(allowed_outgoing, pool=self.width)

    @property
    def pause_s(self) -> float:
        """The least time between two messages that obeys every rate of the account; 0 without any."""
        rates = ((self.rate_per_s, 1.0), (self.rate_per_minute, 60.0), (self.rate_per_day, 86_400.0))
        return max((span / rate for rate, span in rates if rate), default=0.0)

    @property
    def place_width(self) -> int:
        """Calls at once to one place: its share of the account's."""
        return max(1, self.width * self.per_place // self.concurrency)

    @classmethod
    def tells_of_outage(cls, outcome: Outcome) -> bool:
        """Whether the outcome says that the provider is out of reach, whoever the message was for."""
        return outcome.state == "unknown" or outcome.code in cls.outage_codes

    def place(self, settings: Mapping[str, Any]) -> str:
        """Where messages of a node with these settings go, for a channel that calls many hosts."""
        return ""

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Send each message by itself; one outcome each, in the same order, whatever happens to the others."""
        return [self.attempt(message) for message in messages]

    def send_one(self, message: Outgoing) -> Outcome:
        """Make one call. May raise ChannelError, or what the guard raises."""
        raise NotImplementedError

    def read_receipts(self, headers: Mapping[str, str], body: bytes) -> list[Receipt]:
        """The receipts in one request of the provider; raises `Invalid` when it is not one of theirs."""
        raise Invalid("This channel's provider sends no receipts.", code="receipts:none")

    def receipts_answer(self) -> tuple[int, dict[str, Any]]:
        """What the provider wants to hear once its receipts are stored."""
        return 200, {}

    def look_up(self, message: Outgoing) -> Outcome | None:
        """What became of an unknown message, where the provider can be asked; None when it knows of none.

        Raises JourneyError when the provider could not be asked.
        """
        return None

    def close(self) -> None:
        """Let go of connections."""
        self.caller.close()

    def attempt(self, message: Outgoing) -> Outcome:
        """Send one message; whatever happens becomes an outcome."""
        try:
            return self.send_one(message)
        except NotSent as error:
            return retry(message, "not_sent", error.message)
        except NoAnswer as error:
            return Outcome(message.message_id, "unknown", code="no_answer", detail=error.message)
        except AccountRefused as error:
            return Outcome(message.message_id, "stop_account", code=error.code, detail=error.message)
        except ChannelError as error:
            if error.permanent:
                return failed(message, error.code, error.message)
            return retry(message, error.code, error.message, error.retry_after)
        except Invalid as error:
            return failed(message, error.code, error.message)
        except KeyError as error:
            return failed(message, "content:missing", f"The message lacks its {error}.")
        except UnicodeError as error:
            return failed(message, "content:characters", f"The message has characters that cannot be sent: {error}")
        except Exception as error:  # a fault of ours after the call may hide an accepted message, so it is unknown
            return Outcome(message.message_id, "unknown", code="fault", detail=f"{type(error).__name__}: {error}")


def failed(message: Outgoing, code: str, detail: str) -> Outcome:
    """It will never go: trying again would give the same answer."""
    return Outcome(message.message_id, "failed", code=code, detail=detail[:500])


def retry(message: Outgoing, code: str, detail: str, after_s: float | None = None) -> Outcome:
    """It was certainly not accepted, and may be tried again."""
    pause = RETRY_AFTER_S[min(message.attempt, len(RETRY_AFTER_S)) - 1] if after_s is None else after_s
    return Outcome(message.message_id, "retry", code=code, detail=detail[:500], retry_after_s=pause)
