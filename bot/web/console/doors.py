"""What the console needs of the house, handed down as one value."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.clock import Clock
from bot.services.house import House
from bot.store.store import Store


class Bells(Protocol):
    """Wakes the loops that may have to look at what was written."""

    def after_write(self) -> None:
        """Something was written."""
        ...


@dataclass(frozen=True, slots=True)
class ConsoleDoors:
    """Attributes: store, house and clock as everywhere; `wakes` is rung after every write.

    `follow` carries out what must follow a commit outside the database. `url` is how browsers reach the
    console (HOTLINE_CONSOLE_URL), None for this machine only.
    `url` is how browsers reach the console (HOTLINE_CONSOLE_URL), None for this machine only. `config_dir` is
    the folder of words the linter reads, None for the shipped one.
    """

    store: Store
    house: House
    clock: Clock
    wakes: Bells
    follow: Callable[[tuple[tuple[str, str, str], ...]], None]
    url: str | None = None
    config_dir: Path | None = None
