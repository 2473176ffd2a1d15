"""The node kinds, in palette order. Nodes decide and nothing else: no database, network, web or clock is imported here.

To add one: write its file, add a line here, give it cases in `tests/nodes/`.
"""

from journey_engine.nodes.base import Node
from journey_engine.nodes.condition import Condition
from journey_engine.nodes.exit import ExitNode
from journey_engine.nodes.random_split import RandomSplit
from journey_engine.nodes.send_email import SendEmail
from journey_engine.nodes.send_sms import SendSms
from journey_engine.nodes.send_webhook import SendWebhook
from journey_engine.nodes.update_customer import UpdateCustomer
from journey_engine.nodes.wait import Wait
from journey_engine.nodes.wait_until_event import WaitUntilEvent

NODES: dict[str, type[Node]] = {
    node.kind: node
    for node in (
        Wait,
        WaitUntilEvent,
        Condition,
        RandomSplit,
        SendSms,
        SendEmail,
        SendWebhook,
        UpdateCustomer,
        ExitNode,
    )
}
