"""The provider: it takes messages, refuses them, is slow, forgets to answer, and tells later what became of them.

Everything that reaches it is written into a journal with what the store said of the message at that moment.
"""

from dataclasses import dataclass

from journey_engine.channels import Outcome, Receipt
from journey_engine.channels.base import Channel
from journey_engine.config import CALL_DEADLINE_S
from journey_engine.errors import JourneyError, Unavailable
from journey_engine.pipeline.receive import receive

SENT, NO_ANSWER, TAKEN_NO_ANSWER, REFUSED, NEVER, SLOW = "sent", "no answer", "taken", "refused", "never", "slow"
TAKEN = (SENT, TAKEN_NO_ANSWER, SLOW)


@dataclass(slots=True)
class Called:
    """One call that left us: at which step, for which attempt, and the message as it was stored then."""

    step: int
    at: object
    message_id: object
    attempt: int
    message_class: str
    row: object
    mood: str
    process: object
    life: int
    answered: int | None = None

    @property
    def taken(self):
        return self.mood in TAKEN


class Provider:
    """One for all channels; its moods are drawn from the seed."""

    def __init__(self, schedule):
        self.schedule, self.journal, self.looked_up = schedule, [], []
        choice = schedule.choice
        self.moods = choice.choice(
            (
                {SENT: 1},
                {SENT: 6, NO_ANSWER: 1, TAKEN_NO_ANSWER: 2, REFUSED: 2, NEVER: 1, SLOW: 1},
                {SENT: 2, NO_ANSWER: 2, TAKEN_NO_ANSWER: 3, REFUSED: 1, SLOW: 1},
            )
        )
        self.silent = choice.random() < 0.2
        """Sends no receipts at all."""

    def call(self, message):
        """One call, from the request to its answer."""
        schedule = self.schedule
        mood = schedule.choice.choices(list(self.moods), list(self.moods.values()))[0]
        if schedule.calm:
            mood = SENT
        cell = schedule.memory.tables.messages.cells.get(message.message_id)
        at = schedule.clock.now
        process = schedule.me.process
        called = Called(
            step=schedule.step,
            at=at,
            message_id=message.message_id,
            attempt=message.attempt,
            message_class=message.message_class,
            row=cell and cell.row,
            mood=mood,
            process=process,
            life=process.lives,
        )
        self.journal.append(called)
        schedule.note(schedule.me, f"calls for {message.message_id} attempt {message.attempt}: {mood}")
        if called.taken and not self.silent:
            self._tell_later(message)
        schedule.sleep({SENT: 0.05, SLOW: 9.0, REFUSED: 0.02, NEVER: 0.02}.get(mood, CALL_DEADLINE_S))
        called.answered = schedule.step
        if mood == REFUSED:
            return Outcome(message.message_id, "retry", code="busy", retry_after_s=schedule.choice.choice((1, 30)))
        state = {NO_ANSWER: "unknown", TAKEN_NO_ANSWER: "unknown", NEVER: "failed"}.get(mood, "sent")
        return Outcome(message.message_id, state, provider_ref="ref", code=mood)

    def look_up(self, message):
        """What became of a message; sometimes it cannot be asked."""
        self.schedule.point("look_up")
        if not self.schedule.calm and self.schedule.choice.random() < 0.1:
            raise JourneyError("not reached")
        found = any(one.taken for one in self.journal if one.message_id == message.message_id)
        self.looked_up.append((self.schedule.step, message.message_id, found))
        return Outcome(message.message_id, "sent") if found else None

    def _tell_later(self, message):
        """Receipts: early, late, twice, out of order, or never."""
        choice = self.schedule.choice
        kinds = choice.choice((["delivered"], ["delivered", "opened", "clicked"], ["clicked", "delivered"], ["failed"]))
        told = [kind for kind in kinds if choice.random() > 0.15]
        told += told[:1] * choice.choice((0, 0, 1, 2))
        if told:
            outside = self.schedule.processes["outside"]
            self.schedule.start("receipts", outside, self._tell, message.message_id, told)

    def _tell(self, message_id, kinds):
        schedule = self.schedule
        for kind in kinds:
            schedule.sleep(schedule.choice.choice((0, 0, 0.01, 5, 3600, 90_000)))
            receipt = Receipt(message_id, "ref", kind, schedule.clock.now)
            until_answered(schedule, lambda receipt=receipt: receive(schedule.engine, 1, 1, [receipt]))


def until_answered(schedule, ask, tries=200):
    """Ask again as long as there is no answer, as every careful program does."""
    for _ in range(tries):
        try:
            return ask()
        except Unavailable:
            schedule.sleep(schedule.choice.choice((0.01, 1, 20)))
    raise AssertionError("never answered")


def channel_of(schedule, provider, kind):
    """A channel of this kind whose provider is ours."""
    pause = schedule.choice.choice((0.0, 0.09))

    class SimChannel(Channel):
        has_breaker = schedule.choice.random() < 0.5
        place_width = 8

        def __init__(self, settings, allowed=()):
            self.width, self.burst = 3, 1

        @property
        def pause_s(self):
            return pause

        def attempt(self, message):
            return provider.call(message)

        def look_up(self, message):
            return provider.look_up(message)

        def close(self):
            pass

    SimChannel.kind = kind
    return SimChannel
