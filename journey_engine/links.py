"""Links in messages that need no signing in, each signed so that nobody can make one for somebody else."""

from dataclasses import dataclass
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from journey_engine.config import Config
from journey_engine.errors import NotFound

SALT = "unsubscribe"


class BrokenLink(NotFound):
    """This link is not valid; use the one from the message, as a whole."""

    code = "link:invalid"


@dataclass(frozen=True, slots=True)
class UnsubscribeLink:
    """Who does not want to be written to any more, on which channel, and which message they say it of."""

    workspace_id: int
    customer_id: UUID
    message_id: UUID
    channel: str


def unsubscribe_url(config: Config, message_id: UUID, customer_id: UUID, workspace_id: int, channel: str) -> str:
    """The address in a message that ends marketing on its channel; it never expires, as mail laws want it."""
    parts = [workspace_id, customer_id.hex, message_id.hex, channel]
    return f"{config.public_url}/u/{_signer(config.secret_key).dumps(parts)}"


def read_unsubscribe(secret_key: str, token: str) -> UnsubscribeLink:
    """What a link says; raises BrokenLink when it is not one of ours."""
    try:
        workspace_id, customer, message, channel = _signer(secret_key).loads(token)
    except (BadSignature, ValueError, TypeError):
        raise BrokenLink() from None
    return UnsubscribeLink(workspace_id, UUID(customer), UUID(message), channel)


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=SALT)
