"""The real program in a process of its own: begun once in a folder, started, killed, started again."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from sqlalchemy import Connection, update

from bot.model import Role
from bot.services import first_start, people
from bot.services.house import House
from bot.services.loading import load_library
from bot.services.premises import Premises, open_premises
from bot.settings import Settings, load_settings
from bot.store import tables as t
from bot.store.moments import to_moment

READY_WITHIN = 30.0
STAFF = (("Maple", Role.VOLUNTEER), ("Juniper", Role.VOLUNTEER))


class DidNotStart(Exception):
    """The program ended, or stayed silent; the text is what it wrote."""


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path) -> dict[str, str]:
    """Settings of a hotline that lies whole in `folder` and listens on ports of its own."""
    return {
        "HOTLINE_DATA_DIR": str(folder / "data"),
        "HOTLINE_DESK": "demo",
        "HOTLINE_RESCUE_POLICY": "consent-only",
        "HOTLINE_PUBLIC_BIND": f"127.0.0.1:{free_port()}",
        "HOTLINE_CONSOLE_BIND": f"127.0.0.1:{free_port()}",
        "HOTLINE_OPS_BIND": f"127.0.0.1:{free_port()}",
        "HOTLINE_TRUSTED_PROXIES": "127.0.0.1",
    }


def furnished(premises: Premises, connection: Connection) -> House:
    """A house of another process, with all that is published."""
    settings = premises.settings
    house = premises.house()
    house.library = load_library(connection, premises.vault, settings.config_dir, datetime.now(UTC))
    return house


@dataclass
class Program:
    """One hotline on disk and the process that serves it."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict[str, str])
    limits: dict[str, int] = field(default_factory=dict[str, int])
    words: tuple[str, ...] = ("bot", "run")
    _running: asyncio.subprocess.Process | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environ = {**environment(self.folder), **self.environ}

    @property
    def settings(self) -> Settings:
        return load_settings(self.environ, self.folder)

    @property
    def origin(self) -> str:
        return f"http://{self.environ['HOTLINE_PUBLIC_BIND']}"

    @property
    def written(self) -> Path:
        """What the process wrote to its terminal, all starts together."""
        return self.folder / "terminal"

    def begin(self, chats: int = 3, staff: Sequence[tuple[str, Role]] = STAFF) -> None:
        """`hotline init`, and volunteers who are ready."""
        now = datetime.now(UTC)
        first_start.begin(self.settings, now)
        with open_premises(self.settings) as premises, premises.write() as connection:
            house = furnished(premises, connection)
            for alias, role in staff:
                profile = people.Profile(alias=alias, languages=["en", "ro"], max_chats=chats)
                person = people.invite(connection, house, profile, [(role, "demo")], to_moment(now))
                connection.execute(update(t.person).where(t.person.c.id == person).values(state="active"))
                people.set_present(connection, person, present=True)

    async def start(self) -> float:
        """Start it and wait until it listens; returns the seconds that took."""
        begun = monotonic()
        with self.written.open("ab") as terminal:
            self._running = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self.words),
                cwd=Path(__file__).parents[2],
                env={"PATH": os.environ["PATH"], **self.environ},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
            )
        host, _, port = self.environ["HOTLINE_PUBLIC_BIND"].rpartition(":")
        while monotonic() - begun < READY_WITHIN:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                return monotonic() - begun
            if self._running.returncode is not None:
                self._running = None
                break
            await asyncio.sleep(0.005)
        raise DidNotStart(self.written.read_text(encoding="utf-8", errors="replace")[-4000:])

    async def kill(self) -> None:
        """`kill -9`."""
        await self._end(signal.SIGKILL)

    def stand_still(self) -> None:
        """SIGSTOP: it hangs, with all it holds."""
        assert self._running is not None
        self._running.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        assert self._running is not None
        self._running.send_signal(signal.SIGCONT)

    async def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        if self._running is None:
            return 0
        with suppress(ProcessLookupError):
            self._running.send_signal(how)
        ended = await self._running.wait()
        self._running = None
        return ended

    def pid(self) -> int:
        """Id of the process that serves."""
        assert self._running is not None
        return self._running.pid

    def megabytes(self) -> float:
        """Resident memory of the process."""
        assert self._running is not None
        status = Path(f"/proc/{self._running.pid}/status").read_text(encoding="ascii")
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(resident.split()[1]) / 1024
