"""The journeys that the crash tests draw."""


def node(id, kind, **settings):
    return {"id": id, "kind": kind, "settings": settings, "position": {"x": 0, "y": 0}}


def edges(*ways):
    """Edges written as `from exit to`."""
    return [dict(zip(("from", "exit", "to"), way.split(), strict=True)) for way in ways]


def sms(message_class, text="{{ event.cart_id }}"):
    return node("sms", "send_sms", template_code="SMS_100001", text=text, message_class=message_class)


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
