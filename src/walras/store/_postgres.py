"""PostgreSQL: row locks, session advisory locks, and a closed list of errors after which we run again."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, final

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from walras.store._database import Answer, Database
from walras.store._faults import is_transient, translated

_MIGRATION_LOCK: Final = 0x57414C524153  # "WALRAS"
_RECONNECT_SECONDS: Final = 30.0
_FIRST_CONTACT_SECONDS: Final = 5.0
_FIRST_PAUSE_SECONDS: Final = 0.05
_LONGEST_PAUSE_SECONDS: Final = 1.0


@final
class Postgres(Database):
    """A store on a server, shared by a team."""

    def __init__(self, url: URL, *, wait_seconds: float) -> None:
        self._place = url.set(query={}).render_as_string(hide_password=True)
        # A server that never answered is waited for less long than one that is being restarted.
        self._patience = min(_FIRST_CONTACT_SECONDS, wait_seconds)
        self._patience_once_met = min(_RECONNECT_SECONDS, 2 * wait_seconds)
        limits = {"options": f"-c lock_timeout={int(wait_seconds * 1000)}"}
        options = {"hide_parameters": True, "pool_timeout": wait_seconds, "connect_args": limits}
        self._writer = create_engine(url, isolation_level="READ COMMITTED", **options)
        self._reader = create_engine(url, isolation_level="REPEATABLE READ", **options)

    @property
    def place(self) -> str:
        """Return the URL without password and options."""
        return self._place

    @property
    def free_bytes(self) -> None:
        """Return None: the disk is the server's."""
        return

    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` on one snapshot."""
        return self._again(lambda: self._read(work))

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work`; after a lost connection run it again, and it finds its own commit if there was one."""
        return self._again(lambda: self._write(work))

    def migrate(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` under one advisory lock that all processes ask for."""

        def locked(connection: Connection) -> Answer:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            return work(connection)

        return self.write(locked)

    @contextmanager
    def lock(self, search_id: str) -> Iterator[bool]:
        """Take a session advisory lock; it goes with the connection, however that ends."""
        key = int.from_bytes(hashlib.sha256(f"walras:{search_id}".encode()).digest()[:8], signed=True)
        with translated(self._place):
            connection = self._writer.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            with translated(self._place):
                taken = bool(
                    connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar()
                )
            yield taken
        finally:
            connection.invalidate()  # ends the session, and the lock with it, also after a restart
            connection.close()

    def integrity_faults(self) -> tuple[str, ...]:
        """Return nothing: the server checks its own pages."""
        return ()

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self._writer.dispose()

    def _read(self, work: Callable[[Connection], Answer]) -> Answer:
        with self._reader.begin() as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], Answer]) -> Answer:
        with self._writer.begin() as connection:
            return work(connection)

    def _again(self, run: Callable[[], Answer]) -> Answer:
        deadline = time.monotonic() + self._patience
        pause = _FIRST_PAUSE_SECONDS
        while True:
            with translated(self._place):
                try:
                    answer = run()
                    self._patience = self._patience_once_met
                    return answer
                except DBAPIError as error:
                    if not is_transient(error) or time.monotonic() + pause > deadline:
                        raise
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
