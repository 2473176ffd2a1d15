"""The sandbox: a provider of SMS, e-mail and webhooks on this machine, that delivers to a page instead of to people.

It speaks Alibaba Cloud's wire format and SMTP, checks signatures with code of its own, sends receipts back, and can be
told to misbehave the way providers do. The accounts of a fresh installation point here; the channels do not know it.
"""

from journey_engine.sandbox.server import main

__all__ = ["main"]
