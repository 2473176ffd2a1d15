"""The journeys of the simulation: triggers and nodes of each sort, each re-entry policy, waits of seconds and days.

Each has a goal, with every verb among them; one holds customers out, one has an exit rule.
"""

from tests.support.shop import graph, hours, minutes, seconds


def days(amount):
    return {"amount": amount, "unit": "days"}


def sms(message_class):
    return ("send_sms", {"template_code": "SMS_1", "text": "Hello"} | as_class(message_class))


def mail(message_class):
    return ("send_email", {"subject": "Hello", "html": "<p>Hello</p>"} | as_class(message_class))


def hook(message_class="transactional"):
    return ("send_webhook", {"url": "http://127.0.0.1:1/hook", "body": "{}"} | as_class(message_class))


def as_class(message_class):
    return {"message_class": message_class}


LEFT = {"event": "Customer Left", "same_key": False}


def orders(second):
    """An order: a note at once, a mail days later; each order by itself."""
    nodes = {
        "start": ("event", {"event": "Order Placed", "key": "order_id"}),
        "big": ("condition", {"rule": {"property": "value", "op": ">=", "value": 50}}),
        "note": sms("transactional"),
        "later": ("wait", {"duration": days(7 if not second else 8)}),
        "mail": mail("marketing"),
        "small": ("update_customer", {"changes": [{"attribute": "small", "action": "increment", "value": 1}]}),
        "end": ("exit", {}),
    }
    edges = ["start > big", "big:yes > note", "note > later", "later > mail", "big:no > small", "mail > end"]
    if second:
        nodes["more"] = hook()
        edges = [edge for edge in edges if edge != "mail > end"] + ["mail > more", "more > end"]
    exits = [{"event": "Order Cancelled", "same_key": True}, LEFT]
    goals = [{"id": "signed", "event": "Signed Up", "verb": "exit", "within": days(5)}]
    settings = {"reentry": {"policy": "one_per_key"}, "exit_events": exits, "goals": goals}
    return graph(nodes, [*edges, "small > end"], **settings)


def carts(second):
    """A cart that was left: a word after two hours, another when nothing was bought for a day."""
    nodes = {
        "left": (
            "absence",
            {
                "event": "Cart Updated",
                "not_events": ["Order Placed"],
                "within": hours(2),
                "key": "" if second else "cart_id",
                "restart": not second,
            },
        ),
        "word": sms("marketing"),
        "until": (
            "wait_until_event",
            {"events": [{"id": "bought", "event": "Order Placed"}], "timeout": days(1)},
        ),
        "split": ("random_split", {"arms": [{"id": "a", "weight": 60}, {"id": "b", "weight": 40}]}),
        "hook": hook(),
        "end": ("exit", {}),
    }
    edges = ["left > word", "word > until", "until:bought > end", "until:timeout > split", "split:a > hook"]
    edges += ["split:b > end", "hook > end"]
    goals = [{"id": "bought", "event": "Order Placed", "value": "value", "within": days(2)}]
    settings = {"reentry": {"policy": "after_end"}, "exit_events": [LEFT], "goals": goals, "holdout": {"percent": 30}}
    return graph(nodes, edges, **settings)


def welcome(second):
    """Once in a life: an hour after signing up, by how dear the customer is."""
    nodes = {
        "start": ("event", {"event": "Signed Up"}),
        "hour": ("wait", {"duration": hours(1)}),
        "gold": ("condition", {"rule": {"attribute": "tier", "op": "is", "value": "gold"}}),
        "mail": mail("marketing"),
        "until": (
            "wait_until_event",
            {"events": [{"id": "bought", "event": "Order Placed"}], "timeout": days(9) if second else minutes(50)},
        ),
        "word": sms("transactional"),
        "end": ("exit", {}),
    }
    edges = ["start > hour", "hour > gold", "gold:yes > mail", "gold:no > until", "until:bought > end"]
    edges += ["until:timeout > word", "mail > end", "word > end"]
    goals = [{"id": "bought", "event": "Order Placed", "where": [{"property": "value", "op": ">", "value": 50}]}]
    rule = {"attribute": "small", "op": ">=", "value": 2}
    return graph(nodes, edges, reentry={"policy": "never"}, exit_events=[LEFT], goals=goals, exit_rule=rule)


def pulse(second):
    """Again and again, as often as it ended: short waits, and a mail at the end."""
    nodes = {
        "start": ("event", {"event": "Cart Updated", "late_events": True}),
        "soon": ("wait", {"duration": seconds(20)}),
        "word": sms("marketing"),
        "mail": mail("transactional"),
    }
    long = "rest" if second else "days"  # another node, so that who waits at one has to be sent to the other
    nodes[long] = ("wait", {"duration": days(1 if second else 6)})
    edges = ["start > soon", "soon > word", f"word > {long}", f"{long} > mail"]
    goals = [{"id": "bought", "event": "Order Placed", "verb": "go_to", "node": "mail", "value": "value"}]
    return graph(nodes, edges, reentry={"policy": "after_end"}, exit_events=[LEFT], goals=goals)


DRAWINGS = (orders, carts, welcome, pulse)
