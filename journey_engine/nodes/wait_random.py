"""Wait a random time: spread customers evenly between a least and a most."""

import hashlib
from datetime import timedelta

from journey_engine.model.decision import hold
from journey_engine.model.duration import Duration
from journey_engine.nodes.waiting import Waiting
from journey_engine.setting import setting
from journey_engine.text import Text

_RANGE = 1 << 64


class WaitRandom(Waiting):
    kind, icon = "wait_random", "dices"
    title = Text("Wait a random time", "随机等待")
    help = Text(
        "Holds each customer for a time between these two, spread evenly; computed again, it is the same.",
        "每位客户停留两者之间的随机时长，均匀分布；同一次进入重新计算时结果不变。",
    )
    sentence = Text("Wait {least} to {most}", "随机等待 {least} 到 {most}")

    least: Duration = setting("duration", "At least", "最短", default={"amount": 1, "unit": "minutes"})
    most: Duration = setting("duration", "At most", "最长", default={"amount": 1, "unit": "hours"})

    def problems(self):
        if self.least.span > self.most.span:
            return [Text("the least is longer than the most", "最短时长大于最长时长")]
        return []

    def shortest(self):
        return self.least.span

    def plan(self, visitor, since):
        spread = int((self.most.span - self.least.span).total_seconds())
        until = since + self.least.span + timedelta(seconds=int(self._share(visitor) * (spread + 1)))
        return hold(visitor, until, {"why": "wait", "until": until.isoformat()})

    def _share(self, visitor) -> float:
        """A number in [0, 1) that depends only on the enrollment and this node."""
        seed = f"{visitor.enrollment.id.hex}/{self.id}".encode()
        return int.from_bytes(hashlib.blake2b(seed, digest_size=8).digest(), "big") / _RANGE
