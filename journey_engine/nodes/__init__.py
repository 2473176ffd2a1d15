"""The node kinds, in palette order. Nodes decide and nothing else: no database, network, web or clock is imported here.

To add one: write its file, add a line here, give it cases in `tests/nodes/`.
"""

from journey_engine.nodes.approval import Approval
from journey_engine.nodes.base import Node
from journey_engine.nodes.call_webhook import CallWebhook
from journey_engine.nodes.condition import Condition
from journey_engine.nodes.consent import Consent
from journey_engine.nodes.emit_event import EmitEvent
from journey_engine.nodes.exit import ExitNode
from journey_engine.nodes.goal import GoalNode
from journey_engine.nodes.grant_coupon import GrantCoupon
from journey_engine.nodes.multi_split import MultiSplit
from journey_engine.nodes.random_split import RandomSplit
from journey_engine.nodes.send_email import SendEmail
from journey_engine.nodes.send_sms import SendSms
from journey_engine.nodes.send_webhook import SendWebhook
from journey_engine.nodes.set_variable import SetVariable
from journey_engine.nodes.staff_task import StaffTask
from journey_engine.nodes.start_journey import StartJourney
from journey_engine.nodes.stop_journey import StopJourney
from journey_engine.nodes.tag import Tag
from journey_engine.nodes.time_window import TimeWindow
from journey_engine.nodes.update_customer import UpdateCustomer
from journey_engine.nodes.value_split import ValueSplit
from journey_engine.nodes.wait import Wait
from journey_engine.nodes.wait_random import WaitRandom
from journey_engine.nodes.wait_until_date import WaitUntilDate
from journey_engine.nodes.wait_until_event import WaitUntilEvent
from journey_engine.nodes.wait_until_rule import WaitUntilRule
from journey_engine.nodes.wait_until_time import WaitUntilTime

NODES: dict[str, type[Node]] = {
    node.kind: node
    for node in (
        Wait,
        WaitUntilTime,
        WaitUntilDate,
        WaitUntilEvent,
        WaitUntilRule,
        TimeWindow,
        WaitRandom,
        Condition,
        MultiSplit,
        ValueSplit,
        RandomSplit,
        SendSms,
        SendEmail,
        SendWebhook,
        UpdateCustomer,
        Tag,
        SetVariable,
        Consent,
        GrantCoupon,
        CallWebhook,
        EmitEvent,
        StartJourney,
        StopJourney,
        Approval,
        StaffTask,
        GoalNode,
        ExitNode,
    )
}
