"""Channels: one file per provider. Adding one is a file and a line here."""

from journey_engine.channels.alibaba_sms import AlibabaSms
from journey_engine.channels.base import Channel, ChannelError, Outcome, Outgoing, Receipt
from journey_engine.channels.smtp import Smtp
from journey_engine.channels.webhook import Webhook

CHANNELS: dict[str, type[Channel]] = {channel.kind: channel for channel in (AlibabaSms, Smtp, Webhook)}

__all__ = ["CHANNELS", "Channel", "ChannelError", "Outcome", "Outgoing", "Receipt"]
