"""What customers do on a visit: generators of events with the pause before each.

Most look around. Some fill a cart, and of those some order, some come back after a reminder, and most leave it. Coupons
are handed out, and less than half are used. Newcomers register.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from journey_engine.demo.goods import COUPONS, CURRENCIES, PRODUCTS, Product
from journey_engine.demo.people import Person

Step = tuple[float, str, dict[str, Any]]
"""Seconds to wait, then the event with its properties."""

CUSTOMER_UPDATED = "Customer Updated"


@dataclass(slots=True)
class Visit:
    """One customer's visit. `ids` names its carts, orders and coupons, and is never used for another visit."""

    person: Person
    random: Random
    ids: str
    language: str

    def walk(self) -> Iterator[Step]:
        """A visit of somebody the shop knows."""
        if self.random.random() < 0.22:
            yield from self.coupon()
        seen = yield from self.look_around()
        if self.random.random() < 0.62:
            yield from self.fill_cart(seen)

    def arrive(self) -> Iterator[Step]:
        """The first visit of a newcomer, who registers."""
        yield from self.introduce()
        yield 0.1, "Customer Registered", {"source": self.person.attributes["source"]}
        seen = yield from self.look_around()
        if self.random.random() < 0.5:
            yield from self.fill_cart(seen)

    def introduce(self) -> Iterator[Step]:
        yield 0.0, CUSTOMER_UPDATED, self.person.attributes

    def look_around(self) -> Iterator[Step]:
        """A few products are viewed; the last ones seen are what may go into a cart."""
        seen = self.random.sample(PRODUCTS, self.random.choice((1, 1, 2, 2, 3, 4)))
        for product in seen:
            item = product.as_item(self.language)
            yield self.pause(1, 6), "Product Viewed", {**item, "currency": self.currency}
        return seen

    def fill_cart(self, seen: list[Product]) -> Iterator[Step]:
        """Products are added one by one; then the cart is ordered, emptied or left."""
        items: list[dict[str, Any]] = []
        for product in seen[-3:]:
            item = product.as_item(self.language, self.random.choice((1, 1, 1, 2, 3)))
            items.append(item)
            yield self.pause(1, 5), "Product Added", {**item, "cart_id": self.cart_id, "currency": self.currency}
            yield 0.1, "Cart Updated", self.cart(items)
        fate = self.random.random()
        if fate < 0.40:
            yield from self.check_out(items, self.pause(3, 12))
        elif fate < 0.58:
            yield from self.check_out(items, self.pause(45, 110))  # a reminder has reached them meanwhile
        elif fate < 0.64:
            yield self.pause(35, 60), "Cart Emptied", {"cart_id": self.cart_id}
        elif fate < 0.75:
            yield self.pause(2, 6), "Checkout Started", self.cart(items)

    def check_out(self, items: list[dict[str, Any]], after_s: float) -> Iterator[Step]:
        order = {**self.cart(items), "order_id": f"O-{self.ids}", "payment": self.random.choice(self.payments)}
        yield after_s, "Checkout Started", self.cart(items)
        yield self.pause(2, 7), "Order Completed", order

    def coupon(self) -> Iterator[Step]:
        """A coupon is issued; four of ten are used before anybody needs to be reminded."""
        code, name = self.random.choice(COUPONS)
        own = {"coupon_id": f"C-{self.ids}", "code": code}
        yield 0.2, "Coupon Issued", {**own, "name": getattr(name, self.language), "currency": self.currency}
        if self.random.random() < 0.4:
            yield self.pause(4, 25), "Coupon Used", own

    def cart(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        value = round(sum(item["price"] * item["quantity"] for item in items), 2)
        return {"cart_id": self.cart_id, "value": value, "currency": self.currency, "items": list(items)}

    @property
    def cart_id(self) -> str:
        return f"K-{self.ids}"

    @property
    def currency(self) -> str:
        return CURRENCIES[self.language]

    @property
    def payments(self) -> tuple[str, ...]:
        return ("wechat_pay", "alipay") if self.language == "zh" else ("card", "paypal")

    def pause(self, shortest: float, longest: float) -> float:
        return self.random.uniform(shortest, longest)
