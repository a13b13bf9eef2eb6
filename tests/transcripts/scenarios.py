"""The scenarios of the domain's list, each a file of replies, and the transcript the whole program gives.

The head of a file says in `//` lines what it shows; a line `//: ` gives the words of `hotline simulate`, or
`//: services CHANNEL` for one that needs deadlines, a database and a network.
"""

import asyncio
import contextlib
import io
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.cli.main import main
from tests.services.conftest import CHANNELS
from tests.town import make_town
from tests.transcripts.stage import Stage

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "config"
NOW = "2026-11-18T12:00"
COUNTRIES = ("CZ", "EU", "LT", "MD", "RO", "UA", "XX")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario as its file tells it."""

    name: str
    about: str
    words: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def golden(self) -> Path:
        return HERE / f"{self.name}.txt"


def scenarios() -> list[Scenario]:
    """Every scenario, in order."""
    return [_read(file) for file in sorted(HERE.glob("*.replies"))]


def played(scenario: Scenario) -> str:
    """The transcript, under what the scenario is about."""
    services = scenario.words[:1] == ("services",)
    lines = _on_services(scenario) if services else _simulated(scenario)
    head = [f"// {line}" for line in scenario.about.splitlines()]
    return "\n".join([*head, f"//: {shlex.join(scenario.words)}", *lines]) + "\n"


def _read(file: Path) -> Scenario:
    lines = file.read_text(encoding="utf-8").splitlines()
    about = [line.removeprefix("// ") for line in lines if line.startswith("// ")]
    words = [word for line in lines if line.startswith("//:") for word in shlex.split(line[3:])]
    return Scenario(
        file.stem, "\n".join(about), tuple(words), tuple(one for one in lines if not one.startswith("//"))
    )


def _simulated(scenario: Scenario) -> list[str]:
    words = ["simulate", "--replies", str(HERE / f"{scenario.name}.replies"), *scenario.words]
    words += [] if "--now" in words else ["--now", NOW]
    words += [] if "--region" in words else ["--region", "RO"]
    words += [] if "--rota" in words or "--desk" in words else ["--rota", "on"]
    said = io.StringIO()
    with _config_dir(), contextlib.redirect_stdout(said):
        code = main(words)
    assert code == 0, said.getvalue()
    return said.getvalue().splitlines()


@contextlib.contextmanager
def _config_dir() -> Iterator[None]:
    before = os.environ.get("HOTLINE_CONFIG_DIR")
    os.environ["HOTLINE_CONFIG_DIR"] = str(_config())
    try:
        yield
    finally:
        if before is None:
            del os.environ["HOTLINE_CONFIG_DIR"]
        else:
            os.environ["HOTLINE_CONFIG_DIR"] = before


@cache
def _config() -> Path:
    """The shipped configuration with fewer countries, and the invented desk and country of the scenarios."""
    folder = Path(tempfile.mkdtemp(prefix="config-")) / "config"
    shutil.copytree(CONFIG, folder)
    for file in (folder / "resources").glob("[A-Z][A-Z].yaml"):  # fifty countries take a second to read
        if file.stem not in COUNTRIES:
            file.unlink()
    for part in ("desks", "resources"):
        shutil.copytree(HERE / part, folder / part, dirs_exist_ok=True)
    return folder


def _on_services(scenario: Scenario) -> list[str]:
    async def play(folder: Path) -> list[str]:
        town = make_town(folder, names=CHANNELS)
        stage = Stage(town, scenario.words[1])
        try:
            return [line async for line in stage.play(scenario.lines)]
        finally:
            town.closes()

    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        return asyncio.run(play(Path(folder)))
