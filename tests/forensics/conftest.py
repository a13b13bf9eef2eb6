"""A town on disk whose people say only marked words."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.model import Role
from handoff.model import Outcome
from tests.services.walks import say, tap
from tests.town import Chat, Town, board_of, make_town, shipped

ALIAS = "Marzipankartoffel"  # a volunteer
HANDLE = "cookie-Quastenflosser-77"  # her address


@dataclass
class Journey:
    """One woman's way through everything, each word of hers or of a volunteer's marked."""

    town: Town
    marks: list[str] = field(default_factory=lambda: [ALIAS, HANDLE])
    _words: int = 0

    def word(self, where: str) -> str:
        """A sentence nobody else says."""
        self._words += 1
        mark = f"Zaunkönig{self._words}-{where}"
        self.marks.append(mark)
        return f"{mark} țară?"

    async def to_the_queue(self) -> None:
        """Words of hers at every stage before a person is there."""
        town = self.town
        ann = town.woman(HANDLE, "web")
        ann.arrives()
        await town.settle()
        await say(town, ann, self.word("before-hello"))
        await tap(town, ann, "Yes")
        await say(town, ann, self.word("safe-check"))
        await tap(town, ann, "No")
        await say(town, ann, self.word("notice"))
        await tap(town, ann, "Talk to a person")
        await say(town, ann, self.word("consent"))
        await tap(town, ann, "Yes")
        await say(town, ann, self.word("queue"))

    async def talk(self) -> Chat:
        """Accepted; words both ways, one held for her, a note."""
        town = self.town
        ann = town.woman(HANDLE, "web")
        chat = town.accept(ALIAS)
        await town.settle()
        await say(town, ann, self.word("live"))
        chat.writes(self.word("volunteer"))
        chat.notes(self.word("note"))
        await town.settle()
        ann.disconnects()
        chat.writes(self.word("unread"))
        await town.settle()
        ann.reconnects()
        await town.settle()
        return chat

    async def close(self, chat: Chat) -> None:
        """Closed; she has everything removed."""
        chat.closes(Outcome.TALKED)
        await self.town.settle()
        await tap(self.town, self.town.woman(HANDLE, "web"), "Remove all")
        await self.town.passes(minutes=2)


@pytest.fixture
def journey(tmp_path: Path) -> Iterator[Journey]:
    town = make_town(tmp_path / "town")
    rota = shipped("desks", "demo", "rota.yaml").replace("Maple", ALIAS)
    town.library = town.house.library = replace(town.library, boards={"demo": board_of(rota)})
    town.add_person(ALIAS, Role.VOLUNTEER)
    yield Journey(town)
    town.closes()
