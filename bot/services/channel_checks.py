"""The accounts on Matrix as commands see them: who each is, how it stands, and forgetting its device.

Imports the adapter, which takes a while: import this only where Matrix is used.
"""

from collections.abc import Iterable, Iterator

from bot.identifiers import Identifiers
from bot.services.checking import Check, Level
from bot.services.premises import Premises
from bot.store import own_rows
from channels.matrix import examination
from channels.matrix.examination import Found, Identity
from channels.matrix.ledger import Ledger
from channels.matrix.settings import MatrixSettings
from channels.message import OwnRow

_LEVELS = {"good": Level.GOOD, "warning": Level.WARNING, "fault": Level.FAULT}


class _Rows:
    """The port `OwnRows` for one command: no service beside it, or only reading."""

    def __init__(self, premises: Premises, channel: str) -> None:
        self._premises = premises
        self._channel = channel

    async def load(self) -> tuple[OwnRow, ...]:
        with self._premises.read() as connection:
            return own_rows.load(connection, self._premises.vault, self._channel)

    async def save(self, rows: tuple[OwnRow, ...]) -> None:
        with self._premises.engine.begin() as connection:
            own_rows.write(connection, self._premises.vault, Identifiers(), self._channel, rows)


async def matrix_identity(premises: Premises, settings: MatrixSettings) -> Identity:
    """Who an account is on Matrix."""
    return examination.identity(settings, await _read(premises, settings.name))


async def new_matrix_device(premises: Premises, channel: str) -> bool:
    """Have the next start make a new device; True if its identity stays."""
    return await examination.replace_device(await _read(premises, channel))


async def matrix_checks(premises: Premises, settings: MatrixSettings) -> list[Check]:
    """What `doctor` tells of Matrix."""
    found = await examination.examine(settings, await _read(premises, settings.name))
    return list(_told(settings.name, found))


async def _read(premises: Premises, channel: str) -> Ledger:
    return await examination.read_rows(_Rows(premises, channel), Identifiers().token)


def _told(channel: str, found: Iterable[Found]) -> Iterator[Check]:
    for one in found:
        yield Check(channel, _LEVELS[one.standing.value], one.found, one.cure)
