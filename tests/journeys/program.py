"""The real program, started as an operator starts it: `hotline demo` in a folder of its own."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).parents[2]
READY_WITHIN = 30.0
STOPS_WITHIN = 20.0

MARK = "quillwort"
"""A word in everything anybody types in these journeys, and nowhere else: where it turns up, words leaked."""

NOBODY = """\
spec: 1
zone: Europe/Bucharest
volunteers: {}
shifts: []
"""


class DidNotStart(Exception):
    """The program ended, or stayed silent; the text is what it wrote."""


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shipped_config(folder: Path) -> Path:
    copied = folder / "config"
    shutil.copytree(ROOT / "config", copied, ignore=shutil.ignore_patterns("__pycache__"))
    return copied


def config_with_volunteers_on_telegram(folder: Path) -> Path:
    """The shipped configuration; the demo's desk has decided that words may stand on its volunteers' bot."""
    copied = _shipped_config(folder)
    desk = copied / "desks" / "demo" / "desk.yaml"
    decided = "staff_surface: telegram\nstaff_text: {decided_by: the board, decided_on: 2026-11-01}"
    text = desk.read_text(encoding="utf-8")
    assert "\nstaff_surface: console\n" in text
    desk.write_text(text.replace("staff_surface: console", decided), encoding="utf-8")
    return copied


def config_with_rota(folder: Path, rota: str) -> Path:
    """The shipped configuration with another rota for the demo's desk."""
    copied = _shipped_config(folder)
    (copied / "desks" / "demo" / "rota.yaml").write_text(rota, encoding="utf-8")
    return copied


@dataclass
class Program:
    """One hotline: its folder, its addresses, and the process while it runs."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict[str, str])
    links: dict[str, str] = field(default_factory=dict[str, str])
    _environ: dict[str, str] = field(default_factory=dict[str, str])
    _running: "subprocess.Popen[bytes] | None" = None
    _read: int = 0

    def __post_init__(self) -> None:
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOTLINE_DATA_DIR": str(self.folder / "data"),
            "HOTLINE_PUBLIC_BIND": f"127.0.0.1:{free_port()}",
            "HOTLINE_CONSOLE_BIND": f"127.0.0.1:{free_port()}",
            "HOTLINE_OPS_BIND": f"127.0.0.1:{free_port()}",
            **self.extra,
        }

    @property
    def chat(self) -> str:
        return f"http://{self._environ['HOTLINE_PUBLIC_BIND']}/"

    @property
    def console(self) -> str:
        return f"http://{self._environ['HOTLINE_CONSOLE_BIND']}"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "demo" / "hotline.db"

    @property
    def printed(self) -> Path:
        return self.folder / "printed"

    @property
    def logged(self) -> Path:
        return self.folder / "logged"

    def start(self) -> None:
        """Start it and wait for the last line it prints; its links are kept by alias."""
        with self.printed.open("ab") as out, self.logged.open("ab") as log:
            self._read = out.tell()
            self._running = subprocess.Popen(
                [sys.executable, "-m", "bot", "demo"],
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )
        until = monotonic() + READY_WITHIN
        while monotonic() < until and self._running.poll() is None:
            told = self.printed.read_bytes()[self._read :].decode()
            self.links = dict(re.findall(r"^Sign in as (\w+) .*?(http\S+)$", told, re.MULTILINE))
            if "Rowan" in self.links and told.endswith("\n"):
                assert self.chat in told
                return
            sleep(0.02)
        raise DidNotStart(self.printed.read_text() + self.logged.read_text())

    def kill(self) -> None:
        """`kill -9`."""
        assert self._running is not None
        self._running.send_signal(signal.SIGKILL)
        self._running.wait(STOPS_WITHIN)

    def stop(self) -> None:
        """SIGTERM to this process alone; it must end well and have logged no fault and no word."""
        assert self._running is not None
        self._running.send_signal(signal.SIGTERM)
        status = self._running.wait(STOPS_WITHIN)
        logged = self.logged.read_text(encoding="utf-8")
        assert status == 0, logged
        faults = [line for line in logged.splitlines() if json.loads(line)["level"] != "info"]
        assert faults == []
        assert self.rows("SELECT * FROM inbox WHERE state = 'poison'") == []
        assert MARK not in logged + self.printed.read_text(encoding="utf-8")

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The database as it lies there, for reading only."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows of a query, with `values` for its question marks."""
        with self.opened() as connection:
            return connection.execute(query, values).fetchall()

    def puts_forward(self, kind: str) -> None:
        """Deadlines of a kind are due now, as if their time had passed."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection:
            changed = connection.execute("UPDATE due SET at = 0 WHERE kind = ?", (kind,))
            connection.commit()
            assert changed.rowcount

    def waits_until(self, true: str) -> None:
        """Wait until a query gives a row that is true."""
        until = monotonic() + 15
        while not self.rows(true)[0][0]:
            assert monotonic() < until, true
            sleep(0.05)

    def counted(self) -> dict[str, int]:
        """The counters, all months together."""
        return dict(tuple(row) for row in self.rows("SELECT name, sum(value) FROM counter GROUP BY name"))

    def files(self) -> list[Path]:
        """Every file of its data folder."""
        return [path for path in (self.folder / "data").rglob("*") if path.is_file()]
