"""The sandbox as one process: provider calls, webhooks, mail, and the interface that steers and shows it.

    GET  /inbox?limit=&since=   what was received, newest first      DELETE /inbox   forget it
    GET  /inbox/mail/{id}       one mail                             GET /journal    every accepted message, JSON lines
    POST /faults                misbehave                            GET /faults
    POST /templates {code, content}                                  POST /accounts {access_key_id, …}
    POST /hooks/…               a shop that takes webhooks           anything with x-acs-action: the SMS provider

With SANDBOX_TOKEN set, all but the providers' own addresses want it as a bearer token.
"""

import argparse
import asyncio
import contextlib
import hmac
import os
import signal
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson

from journey_engine import clock
from journey_engine.sandbox.alibaba import Alibaba
from journey_engine.sandbox.faults import Faults
from journey_engine.sandbox.http import HttpServer, Request, Response, json_response
from journey_engine.sandbox.journal import Journal
from journey_engine.sandbox.mail import Mailbox, MailServer, decoded
from journey_engine.sandbox.receipts import Receipts
from journey_engine.sandbox.state import State

HIDDEN = {"kind", "undelivered", "account"}


class Sandbox:
    """Everything one sandbox is made of."""

    def __init__(self, folder: Path, token: str = ""):
        self.token = token
        self.state, self.journal, self.faults = State(folder), Journal(folder), Faults()
        self.receipts = Receipts(self.state, self.faults)
        self.alibaba = Alibaba(self.state, self.journal, self.faults, self.receipts.plan)
        self.web = HttpServer(self.answer)
        self.mail = MailServer(Mailbox(self.journal, self.faults))

    async def run(self, host: str, port: int, smtp_port: int, started: Any = None) -> None:
        """Serve until cancelled; `started(port, smtp_port)` is called once both listen."""
        ports = await self.web.start(host, port), await self.mail.start(host, smtp_port)
        if started:
            started(*ports)
        try:
            await self.receipts.run()
        finally:
            self.web.close()
            self.mail.close()
            self.journal.close()

    async def answer(self, request: Request) -> Response:
        """Providers' addresses first, then the interface for people and tests."""
        if "x-acs-action" in request.headers:
            return await self.alibaba.answer(request)
        if request.path.startswith("/hooks/"):
            return await self._hook(request)
        if request.path == "/healthz":
            return json_response({"status": "ok"})
        if self.token and not hmac.compare_digest(request.headers.get("authorization", ""), f"Bearer {self.token}"):
            return json_response({"error": "Send the sandbox token as a bearer token."}, 401)
        try:
            return self._steer(request)
        except (ValueError, KeyError, TypeError) as error:
            return json_response({"error": f"This cannot be read: {error}"}, 422)

    def _steer(self, request: Request) -> Response:
        route = f"{request.method} {request.path}"
        if request.path.startswith("/inbox/mail/"):
            return self._one_mail(request.path.removeprefix("/inbox/mail/"))
        routes = {
            "GET /inbox": self._inbox,
            "DELETE /inbox": self._clear,
            "GET /journal": self._whole_journal,
            "GET /faults": lambda _: json_response(self.faults.settings),
            "POST /faults": lambda r: json_response(self.faults.change(orjson.loads(r.body))),
            "GET /templates": lambda _: json_response(self.state.templates),
            "POST /templates": self._template,
            "POST /accounts": self._account,
        }
        if route not in routes:
            return json_response({"error": "There is nothing here."}, 404)
        return routes[route](request)

    def _inbox(self, request: Request) -> Response:
        query = parse_qs(request.query)
        limit = max(1, min(int(query.get("limit", ["50"])[0]), 2_000))
        since = query.get("since", [""])[0]
        newest = {kind: self.journal.newest(kind, limit, since) for kind in ("sms", "mail", "webhook")}
        return json_response(
            {
                "sms": [{"receipts": [], **_shown(one)} for one in newest["sms"]],
                "mail": [decoded(one) for one in newest["mail"]],
                "webhooks": [_shown(one) for one in newest["webhook"]],
            }
        )

    def _one_mail(self, mail_id: str) -> Response:
        found = next((one for one in self.journal.shown["mail"] if one["id"] == mail_id), None)
        return json_response(decoded(found)) if found else json_response({"error": "There is no such mail."}, 404)

    def _clear(self, _request: Request) -> Response:
        self.journal.clear()
        return json_response({"cleared": True})

    def _whole_journal(self, _request: Request) -> Response:
        return Response(content_type="application/x-ndjson", files=tuple(self.journal.paths()))

    def _template(self, request: Request) -> Response:
        wanted = orjson.loads(request.body)
        self.state.set_template(str(wanted["code"]), str(wanted["content"]))
        return json_response(self.state.templates)

    def _account(self, request: Request) -> Response:
        self.state.set_account(orjson.loads(request.body))
        return json_response({"accounts": sorted(self.state.accounts)})

    async def _hook(self, request: Request) -> Response:
        """A shop that takes whatever it is sent, and may misbehave."""
        if latency := self.faults.latency_s("webhooks"):
            await asyncio.sleep(latency)
        for fault, status, headers in (
            ("error_5xx", 500, {}),
            ("throttle", 429, {"Retry-After": "1"}),
            ("gone", 410, {}),
        ):
            if self.faults.hits("webhooks", fault):
                return json_response({"error": "This fault was asked for."}, status, **headers)
        self.journal.add(_webhook(request))
        if self.faults.hits("webhooks", "accept_then_timeout"):
            return Response(hang_up_after_s=self.faults.settings["webhooks"]["hold_s"])
        return json_response({"received": True})


def _webhook(request: Request) -> dict[str, Any]:
    return {
        "kind": "webhook",
        "id": uuid.uuid4().hex,
        "at": clock.now().isoformat(timespec="microseconds"),
        "webhook_id": request.headers.get("webhook-id", ""),
        "path": request.path,
        "headers": {name: value for name, value in request.headers.items() if name.startswith("webhook-")},
        "body": request.body.decode("utf-8", "replace"),
    }


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in HIDDEN}


def main(arguments: list[str] | None = None) -> None:
    """`journey sandbox`: serve until stopped by Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="journey sandbox", description="A provider of SMS and e-mail for trying out.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9700)
    parser.add_argument("--smtp-port", type=int, default=9725)
    parser.add_argument("--state", type=Path, default=Path("sandbox-state"), help="folder for what was received")
    chosen = parser.parse_args(arguments)
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_serve(chosen))


async def _serve(chosen: argparse.Namespace) -> None:
    sandbox = Sandbox(chosen.state, os.environ.get("SANDBOX_TOKEN", ""))
    if key_id := os.environ.get("SANDBOX_ACCESS_KEY_ID"):
        sandbox.state.set_account(
            {
                "access_key_id": key_id,
                "access_key_secret": os.environ["SANDBOX_ACCESS_KEY_SECRET"],
                "receipts_url": os.environ.get("SANDBOX_RECEIPTS_URL", ""),
            }
        )
    serving = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    await sandbox.run(chosen.host, chosen.port, chosen.smtp_port, _tell)


def _tell(port: int, smtp_port: int) -> None:
    print(f"sandbox: http on {port}, smtp on {smtp_port}", flush=True)


if __name__ == "__main__":
    main()
