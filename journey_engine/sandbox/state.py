"""What the sandbox was told and keeps over a restart: its accounts and the templates handed in."""

import json
import os
from pathlib import Path
from typing import Any


class State:
    """Accounts by access key (secret, address for receipts) and SMS templates by code."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "state.json"
        kept = json.loads(self._path.read_text()) if self._path.exists() else {}
        self.accounts: dict[str, dict[str, str]] = kept.get("accounts", {})
        self.templates: dict[str, str] = kept.get("templates", {})

    def secret(self, key_id: str) -> str | None:
        return self.accounts.get(key_id, {}).get("access_key_secret")

    def receipts_url(self, key_id: str) -> str:
        return self.accounts.get(key_id, {}).get("receipts_url", "")

    def set_account(self, wanted: dict[str, Any]) -> None:
        """Add or change an account; raises KeyError when a part is missing."""
        key_id = str(wanted["access_key_id"])
        self.accounts[key_id] = {
            "access_key_secret": str(wanted["access_key_secret"]),
            "receipts_url": str(wanted.get("receipts_url", "")),
        }
        self._save()

    def set_template(self, code: str, content: str) -> None:
        if self.templates.get(code) != content:
            self.templates[code] = content
            self._save()

    def _save(self) -> None:
        """Whole or not at all: a kill leaves the old file or the new one."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"accounts": self.accounts, "templates": self.templates}, ensure_ascii=False))
        os.chmod(fresh, 0o600)
        fresh.replace(self._path)
