"""Volunteers from another process on the same database: they accept, write and read through the services."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Connection, select

from bot.services import desk, panes, people
from bot.services.house import House
from bot.services.premises import Premises
from bot.store import tables as t
from bot.store.moments import to_moment
from handoff.model import HandoffState, Outcome
from tests.faults.program import furnished

Result = TypeVar("Result")


class Talking(Protocol):
    """Somebody who talks with a volunteer, over whatever channel."""

    name: str
    heard: list[str]
    told: list[str]

    def next_word(self) -> str: ...


class Volunteers:
    """Maple and Juniper, and what they hold."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        with premises.read() as connection:
            self.house: House = furnished(premises, connection)
            self._people = [people.find(connection, self.house, alias).id for alias in ("Maple", "Juniper")]
        self._held: dict[str, tuple[str, int]] = {}  # hand-off → person, claim version

    def accept_all(self) -> None:
        """Accept whoever waits, as far as hands reach; the others keep waiting."""
        self._write(self._are_there)
        waiting = t.handoff.c.state == HandoffState.WAITING.value
        with self._premises.read() as connection:
            ids = list(connection.execute(select(t.handoff.c.id).where(waiting)).scalars())
        for handoff in ids:
            busy = [person for person, _ in self._held.values()]
            person = min(self._people, key=busy.count)
            with suppress(desk.DeskRefusal):
                version = self._write(partial(self._accept, handoff, person))
                self._held[handoff] = (person, version)

    def read_all(self, talkers: Sequence[Talking]) -> dict[str, Talking]:
        """Read every chat; which one is whose shows by her words. Hand-off → talker."""
        by_name = {her.name: her for her in talkers}
        known: dict[str, Talking] = {}
        for handoff, (person, _) in list(self._held.items()):
            with self._premises.read() as connection:
                pane = panes.pane(connection, self.house, handoff, person, _now())
            texts = [line.text for line in pane.lines if line.whose == "her" and " says " in line.text]
            her = by_name.get(texts[0].partition(" says ")[0]) if texts else None
            if her is not None:
                her.heard = texts
                known[handoff] = her
            elif texts:  # she closed her page
                self._write(partial(self._close, *self._held.pop(handoff), handoff))
        return known

    def write_to(self, known: dict[str, Talking]) -> None:
        """A line to each; it counts as told once the commit has returned."""
        for handoff, her in known.items():
            person, version = self._held[handoff]
            word = her.next_word()
            self._write(partial(self._say, handoff, person, version, word))
            her.told.append(word)

    def _are_there(self, connection: Connection) -> None:
        """Offers lapsed while the program was dead; they say that they are back."""
        for person in self._people:
            people.set_present(connection, person, present=True)

    def _accept(self, handoff: str, person: str, connection: Connection) -> int:
        return desk.accept(connection, self.house, handoff, person, _now())

    def _close(self, person: str, version: int, handoff: str, connection: Connection) -> None:
        desk.close(connection, self.house, handoff, person, version, Outcome.TALKED, _now())

    def _say(self, handoff: str, person: str, version: int, word: str, connection: Connection) -> None:
        desk.write(connection, self.house, handoff, person, version, word, _now(), anyway=True)

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        with self._premises.write() as connection:
            return work(connection)


def _now() -> int:
    return to_moment(datetime.now(UTC))
