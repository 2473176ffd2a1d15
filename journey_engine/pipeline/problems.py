"""Problems: everything that keeps a drawing from being published in this workspace."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from journey_engine import graph
from journey_engine.errors import Invalid
from journey_engine.graph import Problem
from journey_engine.guard import check_url
from journey_engine.nodes import NODES
from journey_engine.nodes.send_webhook import SendWebhook
from journey_engine.nodes.sending import Sending
from journey_engine.pipeline.named import named_problems
from journey_engine.store import accounts
from journey_engine.text import Text


def problems(
    tx: Connection,
    workspace_id: int,
    document: dict[str, Any],
    allowed: tuple[str, ...] = (),
    journey_id: UUID | None = None,
) -> list[Problem]:
    """Everything that keeps a drawing from being published here: the graph itself, its accounts, its addresses, and
    the other journeys and pools that it names. `journey_id` is the journey whose drawing it is."""
    found = graph.check(document)
    known = accounts.listed(tx, workspace_id)
    for node in document.get("nodes", []):
        kind = NODES.get(node["kind"])
        if kind is not None and issubclass(kind, Sending):
            found += _account_problems(node, kind, known)
        if kind is not None and issubclass(kind, SendWebhook):
            found += _address_problems(node, allowed)
    return found + named_problems(tx, workspace_id, document, journey_id)


def _account_problems(node: dict[str, Any], kind: type[Sending], known: list[dict[str, Any]]) -> list[Problem]:
    wanted = str((node.get("settings") or {}).get("account") or "")
    fitting = [one for one in known if one["channel"] == kind.channel]
    if any(one["is_default"] if not wanted else wanted in (str(one["id"]), one["name"]) for one in fitting):
        return []
    message = Text("“{node}” has no account to send with.", "“{node}”没有可用的发送账号。").format(node=kind.title)
    remedy = Text("Choose one of the accounts in the settings.", "请在设置中选择一个账号。")
    return [Problem("graph:account", message, remedy, (node["id"],), setting="account")]


def _address_problems(node: dict[str, Any], allowed: tuple[str, ...]) -> list[Problem]:
    url = (node.get("settings") or {}).get("url")
    try:
        if isinstance(url, str) and url and "{{" not in url:
            check_url(url, allowed)
    except Invalid:
        message = Text("This address cannot be called from here.", "无法从这里调用该地址。")
        remedy = Text("Use a public https:// address.", "请使用公网 https:// 地址。")
        return [Problem("graph:address", message, remedy, (node["id"],), setting="url")]
    return []
