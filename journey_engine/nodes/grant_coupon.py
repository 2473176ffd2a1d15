"""Grant a coupon: give each customer a code of their own from a pool, for the messages that follow.

The engine has taken a code for each visitor before the node decides, and writes it down with the visit: whatever undoes
the visit gives the code back.
"""

from journey_engine.model.decision import Grant, Remember, go
from journey_engine.model.needs import Needs
from journey_engine.nodes.base import NEXT, Exit, Node
from journey_engine.setting import setting
from journey_engine.text import Text


class GrantCoupon(Node):
    kind, icon, shelf = "grant_coupon", "ticket-percent", "customer"
    title = Text("Grant a coupon", "发放优惠券")
    help = Text(
        "Takes a code from the pool for this customer; no code is given twice. Messages write it as "
        "{{ context.coupon }}, or by the name of the variable. An empty pool leads out by “no coupon”.",
        "从券池中为客户取一个券码，同一券码绝不重复发放。消息中写作 {{ context.coupon }}（或所设变量名）；"
        "券池为空时走“无券可发”。",
    )
    sentence = Text("Grant a coupon of {pool}", "发放 {pool} 的优惠券")
    exits = (NEXT, Exit("no_coupon", Text("no coupon", "无券可发"), "failed"))

    pool: str = setting("coupon_pool", "Pool", "券池", required=True)
    variable: str = setting(
        "variable",
        "Variable",
        "变量",
        default="coupon",
        help=Text(
            "Holds the code; the same name with _expires_at holds its end.",
            "保存券码；同名加 _expires_at 保存到期时间。",
        ),
    )

    def needs(self):
        return Needs(coupons={self.pool})

    def visit(self, visitors, now):
        return [self._grant(visitor) for visitor in visitors]

    def _grant(self, visitor):
        coupon, pool = visitor.coupon, {"pool": self.pool}
        if coupon is None:
            return go(visitor, "no_coupon", {"why": "no_coupon", **pool})
        expires_at = coupon.expires_at and coupon.expires_at.isoformat()
        told = {self.variable: coupon.code, f"{self.variable}_expires_at": expires_at}
        reason = {"why": "coupon", **pool, "code": coupon.code, "expires_at": expires_at}
        return go(visitor, "next", reason, effects=[Remember(told), Grant(coupon)])
