"""PgBouncer in transaction mode in front of a PostgreSQL, with fewer connections to it than it has clients."""

import os
import pwd
import shutil
import subprocess
import warnings

import psycopg
import pytest

from journey_engine.embedded import dies_with_parent, free_port, wait_or_kill
from tests.scale.site import kill
from tests.support.processes import until

MISSING = "PgBouncer is not installed, so the engine was NOT tried through it. On Debian: apt-get install pgbouncer"


def find_pgbouncer():
    """The program. Without it the tests fail where all must run, and are left out elsewhere, which is said loudly."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if not found and os.environ.get("EVERY_TEST"):
        pytest.fail(MISSING)
    if not found:
        warnings.warn(MISSING, stacklevel=2)
        pytest.skip(MISSING)
    return found


class Pooler:
    """A PgBouncer of our own on loopback."""

    def __init__(self, folder, postgres, connections, *settings):
        self.program, self.postgres, self.port = find_pgbouncer(), postgres, free_port()
        self.folder, self.process = folder, None
        folder.mkdir()
        self.logins, self.settings = folder / "logins.txt", folder / "pgbouncer.ini"
        self.logins.write_text(f'"journey" "{postgres.password}"\n')
        lines = [
            "[databases]",
            f"* = host=127.0.0.1 port={postgres.port}",
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            f"listen_port = {self.port}",
            "unix_socket_dir =",
            "auth_type = scram-sha-256",
            f"auth_file = {self.logins}",
            "pool_mode = transaction",
            f"default_pool_size = {connections}",
            "max_client_conn = 500",
            "query_wait_timeout = 20",
            "admin_users = journey",
            *settings,
        ]
        self.settings.write_text("\n".join(lines) + "\n")
        self.start()

    @property
    def url(self):
        return f"postgresql://journey:{self.postgres.password}@127.0.0.1:{self.port}/journey"

    def start(self):
        account = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
        with open(self.folder / "pgbouncer.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, self._readable(self.settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(),
                **account,
            )
        until(self.answers)
        return self

    def _readable(self, path):
        """It refuses to run as root, and whoever it runs as then must reach its files."""
        for one in (path, *path.parents):
            if one.stat().st_uid == os.geteuid() and one.stat().st_mode & 0o055 != 0o055:
                one.chmod(one.stat().st_mode | 0o055)
        return path

    def answers(self):
        assert self.process.poll() is None, (self.folder / "pgbouncer.log").read_text()
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def show(self, what):
        """Rows of PgBouncer's own tables, by column."""
        with psycopg.connect(self.url.removesuffix("journey") + "pgbouncer", autocommit=True) as console:
            cursor = console.execute(f"SHOW {what}")
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def kill(self):
        kill(self.process)

    def stop(self):
        self.process.terminate()
        wait_or_kill(self.process)
