"""The public door as a shop sees it: requests with a key, sent again while the server is away.

Events carry their message ids, so a request whose answer was lost may be repeated: the server answers `duplicate`.
"""

import time
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from journey_engine.console import say
from journey_engine.errors import JourneyError
from journey_engine.text import Text

ANSWER_WITHIN_S = 30
LATER = (408, 429, 500, 502, 503, 504)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0

AWAY = Text("{url} does not answer; trying again …", "{url} 没有响应，正在重试 …")
BACK = Text("{url} answers again.", "{url} 已恢复响应。")
GONE = Text(
    "{url} did not answer for {seconds:.0f} s ({reason}). Check the address and whether the server runs.",
    "{url} 在 {seconds:.0f} 秒内没有响应（{reason}）。请检查地址以及服务是否在运行。",
)
WRONG_KEY = Text(
    "{url} refuses the {name}: {reason} Take the right one from the ready.json of the installation, or make one in "
    "Settings.",
    "{url} 拒绝了 {name}：{reason} 请使用安装目录中 ready.json 里的密钥，或在“设置”中新建。",
)
REFUSED = Text("{url} refused the request ({status}): {reason}", "{url} 拒绝了请求（{status}）：{reason}")
NO_ADDRESS = Text(
    "{url!r} is not an address. Give one like http://127.0.0.1:8080.",
    "{url!r} 不是有效地址，应类似 http://127.0.0.1:8080。",
)


class DoorClosed(JourneyError):
    """The server does not take what was sent; the text says why and what to do, `said` what it answered."""

    code = "door"
    said: dict[str, Any] = {}

    def __init__(self, text: Text, **values: Any):
        self.text = text.format(**values)
        self.answered: int | None = values.get("status")
        super().__init__(self.text.en)


class Door:
    """One connection to a server. `patience_s` is how long it may be away before we give up; None is for ever."""

    def __init__(self, url: str, key: str, key_name: str = "key", patience_s: float | None = None):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DoorClosed(NO_ADDRESS, url=url)
        self.url, self.key_name, self.patience_s = url.rstrip("/"), key_name, patience_s
        self.session = requests.Session()
        self.session.trust_env = parts.hostname not in ("127.0.0.1", "localhost", "::1")  # no proxy leads to ourselves
        self.session.headers.update({"Authorization": f"Bearer {key}", "Content-Type": "application/json"})

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: Any) -> Any:
        return self.ask("POST", path, orjson.dumps(body))

    def once(self, method: str, path: str, body: Any) -> Any:
        """Ask for what must not happen twice: when no answer comes it may have been done, and nobody asks again."""
        return self.ask(method, path, orjson.dumps(body), repeat=False)

    def ask(self, method: str, path: str, body: bytes | None = None, repeat: bool = True) -> Any:
        """The answer's JSON; repeated until there is one. Raises DoorClosed when there will be none."""
        began, pause, told = time.monotonic(), FIRST_PAUSE_S, False
        while True:
            answer, reason = self._try(method, path, body)
            if answer is not None:
                if told:
                    say(BACK, url=self.url)
                return self._read(answer)
            away_s = time.monotonic() - began
            if not repeat or (self.patience_s is not None and away_s + pause > self.patience_s):
                raise DoorClosed(GONE, url=self.url, seconds=away_s, reason=reason)
            if away_s > 2 and not told:
                say(AWAY, url=self.url)
                told = True
            time.sleep(pause)
            pause = min(pause * 1.7, LONGEST_PAUSE_S)

    def _try(self, method: str, path: str, body: bytes | None) -> tuple[requests.Response | None, str]:
        """An answer that means something, or why there is none yet."""
        try:
            answer = self.session.request(
                method, self.url + path, data=body, timeout=ANSWER_WITHIN_S, allow_redirects=False
            )
        except requests.RequestException as error:
            return None, type(error).__name__
        return (None, f"HTTP {answer.status_code}") if answer.status_code in LATER else (answer, "")

    def _read(self, answer: requests.Response) -> Any:
        try:
            said = orjson.loads(answer.content)
        except ValueError:
            said = {}
        if answer.ok and isinstance(said, dict) and not answer.is_redirect:
            return said
        reason = said.get("error", answer.reason) if isinstance(said, dict) else answer.reason
        if answer.status_code in (401, 403):
            raise DoorClosed(WRONG_KEY, url=self.url, name=self.key_name, reason=reason)
        refused = DoorClosed(REFUSED, url=self.url, status=answer.status_code, reason=reason)
        refused.said = said if isinstance(said, dict) else {}
        raise refused
