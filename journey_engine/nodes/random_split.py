"""Random split: spread customers over arms by weight; the same customer always gets the same arm."""

import hashlib

from journey_engine.model.decision import go
from journey_engine.nodes.base import Each, Node
from journey_engine.setting import Settings, setting
from journey_engine.text import Text

_RANGE = 1 << 64


class Arm(Settings):
    """One way of the split."""

    id: str = setting("text", "Exit id", "出口编号", required=True, max_length=32)
    name: str = setting("text", "Name", "名称", default="")
    weight: int = setting("number", "Weight", "权重", default=50, min=0, max=1_000_000)


class RandomSplit(Node):
    kind, icon, shelf = "random_split", "shuffle", "logic"
    title = Text("Random split", "随机分流")
    help = Text(
        "Spreads customers over the arms by weight. A customer keeps the same arm when they come again.",
        "按权重把客户随机分到各组；同一位客户再次进入时仍在同一组。",
    )
    sentence = Text("Split at random: {arms}", "随机分流：{arms}")
    exits = (Each("arms"),)

    arms: tuple = setting(
        "list",
        "Arms",
        "分组",
        required=True,
        min=2,
        items=Arm,
        default=[{"id": "a", "name": "A", "weight": 50}, {"id": "b", "name": "B", "weight": 50}],
    )

    def problems(self):
        if sum(arm.weight for arm in self.arms) == 0:
            return [Text("give at least one arm a weight above 0", "至少一个分组的权重要大于 0")]
        return []

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            roll = self.roll(visitor)
            arm = self.arm_at(roll)
            decisions.append(go(visitor, arm, {"why": "split", "roll": round(roll, 6), "arm": arm}))
        return decisions

    def roll(self, visitor) -> float:
        """A number in [0, 1) that depends only on this split and the customer."""
        seed = f"{visitor.enrollment.journey_id.hex}/{self.id}/{visitor.customer.id.hex}".encode()
        return int.from_bytes(hashlib.blake2b(seed, digest_size=8).digest(), "big") / _RANGE

    def arm_at(self, roll: float) -> str:
        left = roll * sum(arm.weight for arm in self.arms)
        for arm in self.arms:
            left -= arm.weight
            if left < 0:
                return arm.id
        return max(self.arms, key=lambda arm: arm.weight).id
