"""Who may call what: every address of the API with its policy, in one table.

An address without a line here keeps the server from starting. A policy names the roles of operators and the scopes of
API keys that pass it; the open ones are protected by something in the address itself, or need no protection.
"""

from dataclasses import dataclass

from flask import Flask

VIEWER, MARKETER, ADMINISTRATOR = "viewer", "marketer", "admin"
ROLES = (VIEWER, MARKETER, ADMINISTRATOR)
SCOPES = ("ingest", "read", "admin")


@dataclass(frozen=True, slots=True)
class Policy:
    """`roles` of operators and `scopes` of keys that may come in; `open` asks for neither."""

    name: str
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    open: bool = False
    basic: bool = False
    near: bool = False


PUBLIC = Policy("public", open=True)
TOKEN = Policy("a secret in the address", open=True)
OWN = Policy("any operator", ROLES)
READ = Policy("read", ROLES, ("read", "admin"))
EDIT = Policy("edit", (MARKETER, ADMINISTRATOR), ("admin",))
ADMIN = Policy("admin", (ADMINISTRATOR,), ("admin",))
INGEST = Policy("ingest", (MARKETER, ADMINISTRATOR), SCOPES)
WRITE_KEY = Policy("write key", (), SCOPES, basic=True)
NEAR = Policy("this machine, or read", ROLES, ("read", "admin"), near=True)

POLICIES: dict[str, Policy] = {
    "health.alive": PUBLIC,
    "health.ready": PUBLIC,
    "health.metrics": NEAR,
    "editor.page": PUBLIC,
    "editor.asset": PUBLIC,
    "api-docs.openapi_json": PUBLIC,
    "session.login": PUBLIC,
    "session.logout": OWN,
    "session.me": PUBLIC,
    "session.change_me": OWN,
    "catalog.kinds": READ,
    "catalog.event_names": READ,
    "catalog.attributes": READ,
    "events.take": INGEST,
    "events.listed": READ,
    "events.one": READ,
    "segment.single": WRITE_KEY,
    "segment.batch": WRITE_KEY,
    "journeys.listed": READ,
    "journeys.create": EDIT,
    "journeys.one": READ,
    "journeys.delete": EDIT,
    "journeys.save_draft": EDIT,
    "journeys.pause": EDIT,
    "journeys.pause_state": READ,
    "journeys.resume": EDIT,
    "journeys.stop": EDIT,
    "journeys.archive": EDIT,
    "versions.one": READ,
    "versions.compared": READ,
    "versions.previewed": READ,
    "versions.publish": EDIT,
    "versions.rollback": EDIT,
    "playbooks.listed": READ,
    "journeys.counts": READ,
    "journeys.enrollments": READ,
    "entries.take": INGEST,
    "entries.import_file": EDIT,
    "goals.reached": READ,
    "goals.experiments": READ,
    "why.answer": READ,
    "workspace.show": READ,
    "workspace.change": ADMIN,
    "customers.listed": READ,
    "customers.one": READ,
    "customers.history": READ,
    "customers.unsubscribe": EDIT,
    "customers.erase": ADMIN,
    "messages.listed": READ,
    "messages.one": READ,
    "messages.html": READ,
    "retries.event": EDIT,
    "retries.enrollment": EDIT,
    "retries.message": EDIT,
    "segments.listed": READ,
    "segments.create": EDIT,
    "segments.one": READ,
    "segments.change": EDIT,
    "segments.delete": EDIT,
    "segments.members": READ,
    "segments.growth": READ,
    "segments.preview": READ,
    "segments.judge": READ,
    "rfm.show": READ,
    "rfm.change": EDIT,
    "rfm.run": EDIT,
    "coupons.listed": READ,
    "coupons.create": EDIT,
    "coupons.one": READ,
    "coupons.change": EDIT,
    "coupons.add_codes": EDIT,
    "approvals.listed": READ,
    "approvals.answer": EDIT,
    "receipts.take": TOKEN,
    "unsubscribe.show": TOKEN,
    "unsubscribe.do": TOKEN,
    "sandbox.inbox": READ,
    "sandbox.mail": READ,
    "sandbox.faults": ADMIN,
    "keys.listed": ADMIN,
    "keys.create": ADMIN,
    "keys.revoke": ADMIN,
    "accounts.listed": READ,
    "accounts.change": ADMIN,
    "accounts.open_again": ADMIN,
    "overview.show": READ,
}


def check_policies(app: Flask) -> None:
    """Raises when an address has no policy, or a policy no address."""
    addresses = {rule.endpoint for rule in app.url_map.iter_rules()}
    if missing := addresses - set(POLICIES):
        raise LookupError(f"No policy for {', '.join(sorted(missing))}: add a line to api/policies.py.")
    if unused := set(POLICIES) - addresses:
        raise LookupError(f"Policies without an address: {', '.join(sorted(unused))}. Remove them.")
