"""Random split: spread customers over arms by weight; the same customer always gets the same arm.

Every arm draws a lot for every customer, and the one that is due first wins: the heavier an arm, the sooner. So an arm
whose weight alone changes only takes customers from the others, or only gives some up; nobody else moves.
"""

import hashlib
import math

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
    control: bool = setting(
        "boolean",
        "Control",
        "对照组",
        default=False,
        help=Text(
            "The other arms are compared with this one; lead it past the messages to hold these customers out.",
            "其他组与该组比较；让它绕过消息节点，这些客户就不会收到消息。",
        ),
    )


class RandomSplit(Node):
    kind, icon, shelf = "random_split", "shuffle", "logic"
    title = Text("Random split", "随机分流")
    help = Text(
        "Spreads customers over the arms by weight, for a test or a holdout. A customer keeps the same arm when they "
        "come again and when the journey is edited.",
        "按权重把客户随机分到各组，可用于 A/B 测试或留出对照组；客户再次进入或旅程修改后仍在同一组。",
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
    experiment: str = setting(
        "text",
        "Experiment",
        "实验名称",
        default="",
        max_length=64,
        help=Text(
            "Nodes with the same name give a customer the same arm, in any journey. Empty: this node by itself.",
            "名称相同的节点（可在不同旅程）会把同一客户分到同一组；留空则仅限本节点。",
        ),
    )

    def problems(self):
        if sum(arm.weight for arm in self.arms) == 0:
            return [Text("give at least one arm a weight above 0", "至少一个分组的权重要大于 0")]
        if sum(arm.control for arm in self.arms) > 1:
            return [Text("only one arm can be the control", "只能有一个对照组")]
        return []

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            arm = self.arm_of(visitor)
            decisions.append(go(visitor, arm, {"why": "split", "arm": arm, "experiment": self.experiment or self.id}))
        return decisions

    def arm_of(self, visitor) -> str:
        """The arm of this customer, whichever version they are on and however often they come."""
        experiment = self.experiment or f"{visitor.enrollment.journey_id.hex}/{self.id}"
        drawing = (arm for arm in self.arms if arm.weight)
        return min(drawing, key=lambda arm: _lot(f"{experiment}/{arm.id}/{visitor.customer.id.hex}") / arm.weight).id


def _lot(seed: str) -> float:
    """When this lot is due: small ones are likelier than large ones, just so that weights come out as shares."""
    drawn = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big")
    return -math.log((drawn + 1) / _RANGE)
