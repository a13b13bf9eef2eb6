"""How far each room was read and what was done there: a sealed row per room, with those of its person."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson

from channels.matrix.ledger import Ledger, Name
from channels.message import Lives

KIND: Final = "room"
MOST_FILES: Final = 50


@dataclass(slots=True)
class Bookmark:
    """One room we talk in.

    Attributes:
        room: its id.
        user: who it is with.
        last: the newest event that was taken in; back to it a gap is filled.
        at: when she last acted in it, seconds since 1970, 0 before that.
        seen: when it was first seen.
        locked: it was locked once, so nothing in the clear is hers any more.
        offered: she was told that her words cannot be taken back here.
        ours: we made it, at her wish.
        instead_of: the room it replaces, until she writes in this one.
        over: when the chat in it was closed and everything taken back, 0 before that.
        files: what she sent that lies on the homeserver: event → address.
    """

    room: str
    user: str
    last: str = ""
    at: float = 0.0
    seen: float = 0.0
    locked: bool = False
    offered: bool = False
    ours: bool = False
    instead_of: str = ""
    over: float = 0.0
    files: dict[str, str] = field(default_factory=dict[str, str])


class Bookmarks:
    """All of them. They are stored with a batch only: what they say was read must be stored first."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._marks: dict[str, Bookmark] = {}

    def open(self) -> None:
        """Read all of them."""
        self._marks = {}
        for _, body in self._ledger.of(KIND):
            plain: dict[str, Any] = orjson.loads(body)
            mark = Bookmark(**plain)
            self._marks[mark.room] = mark

    def of(self, room: str) -> Bookmark | None:
        """The bookmark of a room, None for a room that is new."""
        return self._marks.get(room)

    def of_user(self, user: str) -> list[Bookmark]:
        """All rooms with somebody, the one she acted in last at the end."""
        mine = [mark for mark in self._marks.values() if mark.user == user]
        return sorted(mine, key=lambda mark: mark.at)

    def all(self) -> Iterator[Bookmark]:
        """All of them."""
        return iter(list(self._marks.values()))

    def keep(self, mark: Bookmark, *, written: bool) -> None:
        """Remember it, and have it `written` with the next batch."""
        self._marks[mark.room] = mark
        while len(mark.files) > MOST_FILES:
            del mark.files[next(iter(mark.files))]
        if not written:
            return
        name = Name(mark.user, KIND, mark.room)
        self._ledger.put(name, Lives.CONTACT, orjson.dumps(asdict(mark)), with_batch=True)

    def drop(self, room: str) -> None:
        """The room is over."""
        mark = self._marks.pop(room, None)
        if mark is not None:
            self._ledger.drop(Name(mark.user, KIND, room))
