"""The journeys that the crash tests draw."""


def node(id, kind, **settings):
    return {"id": id, "kind": kind, "settings": settings, "position": {"x": 0, "y": 0}}


def edges(*ways):
    """Edges written as `from exit to`."""
    return [dict(zip(("from", "exit", "to"), way.split(), strict=True)) for way in ways]


def sms(message_class, text="{{ event.cart_id }}", code="SMS_100001"):
    return node("sms", "send_sms", template_code=code, text=text, message_class=message_class)


def cart_journey(event, message_class, wait_s=3):
    """A dear cart gets an SMS, a pause and a mail; a cheap one nothing. Each cart enters once."""
    return {
        "settings": {"reentry": {"policy": "one_per_key"}},
        "nodes": [
            node("start", "event", event=event, key="cart_id"),
            node("dear", "condition", rule={"property": "value", "op": ">=", "value": DEAR}),
            sms(message_class),
            node("pause", "wait", duration={"amount": wait_s, "unit": "seconds"}),
            node("mail", "send_email", subject="Cart", html="<p>{{ event.cart_id }}</p>", message_class=message_class),
            node("done", "exit"),
        ],
        "edges": edges(
            "start next dear", "dear yes sms", "dear no done", "sms next pause", "pause next mail", "mail next done"
        ),
    }


SECOND = 2
PAID_LATER = 12
"""An order is paid when so many others were placed since."""

DEAR = 70
"""Carts of this value or more get messages; values are spread over 0 to 99."""


def one_sms(event, message_class):
    """Every event is one SMS."""
    return {
        "settings": {"reentry": {"policy": "one_per_key"}},
        "nodes": [node("start", "event", event=event, key="cart_id"), sms(message_class), node("done", "exit")],
        "edges": edges("start next sms", "sms next done"),
    }


def one_webhook(event, message_class, url):
    """Every event is one call to a shop."""
    graph = one_sms(event, message_class)
    body = '{"cart": "{{ event.cart_id }}"}'
    graph["nodes"][1] = node("hook", "send_webhook", url=url, body=body, message_class=message_class)
    graph["edges"] = edges("start next hook", "hook next done")
    return graph


def cart_event(event, number, customers, prefix="m"):
    """Event `number`, of one of so many customers; the same number is the same event whenever it is asked for."""
    who = number % customers
    return {
        "message_id": f"{prefix}-{number}",
        "name": event,
        "customer": {
            "external_id": f"{prefix}-{who}",
            "phone": f"+86139{who:08d}",
            "email": f"{prefix}-{who}@example.com",
        },
        "properties": {"cart_id": f"{prefix}-cart-{number}", "value": (number * 37) % 100},
    }


def order_journey(shop, wait_s=6):
    """Each order is counted at its customer and then waits to be paid: a paid one is told to the shop, whoever forgot
    their first one gets an SMS."""
    paid = {"id": "paid", "name": "Paid", "event": "Order Paid", "same_key": True}
    hook = node(
        "hook", "send_webhook", url=shop, body='{"order": "{{ event.order_id }}"}', message_class="transactional"
    )
    return {
        "settings": {"reentry": {"policy": "one_per_key"}},
        "nodes": [
            node("start", "event", event="Order Placed", key="order_id"),
            node("tally", "update_customer", changes=[{"attribute": "orders", "action": "increment", "value": 1}]),
            node("await", "wait_until_event", events=[paid], timeout={"amount": wait_s, "unit": "seconds"}),
            hook,
            node("first", "condition", rule={"attribute": "orders", "op": "<", "value": SECOND}),
            sms("transactional", "{{ event.order_id }}", "SMS_100002"),
            node("done", "exit"),
        ],
        "edges": edges(
            "start next tally", "tally next await", "await paid hook", "await timeout first", "hook next done",
            "first yes sms", "first no done", "sms next done",
        ),
    }  # fmt: skip


def shop_event(number, customers):
    """Event `number` of a shop: carts and baskets left, orders placed, and some of them paid a while later."""
    turn, at = divmod(number, 5)
    if at == 3 and turn >= PAID_LATER and turn % 3:
        return _order_event("Order Paid", "p", turn - PAID_LATER, customers)
    if at == 2:
        return _order_event("Order Placed", "o", turn, customers)
    return cart_event("Cart Left" if at in (0, 3) else "Basket Left", number, customers)


def _order_event(event, prefix, order, customers):
    """An order, or its payment: what it is about depends on its number alone."""
    return {
        **cart_event(event, order, customers, "m"),
        "message_id": f"{prefix}-{order}",
        "properties": {"order_id": f"order-{order}"},
    }
