"""What becomes of messages starts journeys that listen for it."""

from journey_engine.channels.base import Receipt
from journey_engine.pipeline.receive import receive
from tests.support.shop import HOOK, SMS, Shop, graph


def sent(shop, listening):
    """Ann was sent an SMS; its row."""
    shop.publish(graph({"order": ("event", {"event": "Order Completed"}), "sms": SMS}, ["order > sms"]), "Thanks")
    if listening:
        heard = ("channel", {"what": "delivered", "channel": "sms"})
        shop.publish(graph({"heard": heard, "hook": HOOK}, ["heard > hook"]), "Delivered")
    shop.tell("ann", "Order Completed")
    shop.work()
    (message,) = shop.messages()
    shop.do("UPDATE messages SET status = 'sent', sent_at = queued_at WHERE id = :id", id=message.id)
    return message


def test_a_delivered_message_starts_the_journey_that_waits_for_it_once(database_url):
    shop = Shop(database_url)
    message = sent(shop, listening=True)
    receipt = Receipt(message.id, "ref", "delivered", shop.now)
    for _ in range(2):
        receive(shop.engine, shop.workspace, message.account_id, [receipt])
    shop.now = shop.one("SELECT max(received_at) FROM events")
    shop.work()
    assert [shop.path(row.id) for row in shop.enrollments()][-1:] == ["heard:next hook:next end"]
    assert len(shop.enrollments()) == 2


def test_nothing_is_told_of_messages_while_nobody_listens(database_url):
    shop = Shop(database_url)
    message = sent(shop, listening=False)
    receive(shop.engine, shop.workspace, message.account_id, [Receipt(message.id, "ref", "delivered", shop.now)])
    assert shop.one("SELECT count(*) FROM events WHERE name = 'je.message'") == 0


def test_an_unsubscribe_starts_the_journey_that_waits_for_it(database_url):
    shop = Shop(database_url)
    shop.publish(graph({"left": ("channel", {"what": "unsubscribed"}), "hook": HOOK}, ["left > hook"]))
    shop.tell("ann", "Signed Up")
    shop.unsubscribe("ann", "email")
    shop.now = shop.one("SELECT max(received_at) FROM events")
    shop.work()
    assert [shop.path(row.id) for row in shop.enrollments()] == ["left:next hook:next end"]
