"""What came and cannot be read yet: kept sealed for a day, tried again, told once (PR1).

The key of a message may come after it, or its device may be new to us. When it comes the message is taken in,
once, as if it had just been read. Until then she is told one neutral line, so that she can write again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from channels.matrix.ledger import Ledger, Name
from channels.matrix.reading import Table
from channels.message import Lives

KIND: Final = "closed"
KEPT_FOR: Final = timedelta(hours=24)
GRACE: Final = timedelta(seconds=10)  # the key may only be slow
TOLD_AGAIN: Final = timedelta(minutes=10)
MOST: Final = 200  # of one person
MOST_BYTES: Final = 1_000_000  # of one person
KEYS: Final = ("event_id", "sender", "origin_server_ts", "content", "type")


@dataclass(frozen=True, slots=True)
class Kept:
    """One event that waits for its key."""

    room: str
    event: Table
    sent_at: datetime
    came_at: datetime
    order: int
    size: int

    @property
    def id(self) -> str:
        """Its event id."""
        return str(self.event["event_id"])

    @property
    def sender(self) -> str:
        """Who wrote it, as the homeserver says."""
        return str(self.event["sender"])


class Unreadable:
    """Everything that waits."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._order = 0
        self._kept: dict[str, Kept] = {}
        self._told: set[str] = set()

    def open(self) -> None:
        """Read what waits."""
        kept = sorted((_read(body) for _, body in self._ledger.of(KIND)), key=lambda one: one.order)
        self._kept = {one.id: one for one in kept}
        self._order = max((one.order for one in kept), default=0)

    def keep(self, room: str, event: Table, sent_at: datetime, now: datetime) -> int:
        """Have an event wait. Of one person the oldest give way; how many did."""
        self._order += 1
        plain = {name: event[name] for name in KEYS if name in event}
        body = orjson.dumps(
            {
                "room": room,
                "event": plain,
                "sent_at": sent_at.timestamp(),
                "came_at": now.timestamp(),
                "order": self._order,
            }
        )
        kept = _read(body)
        if kept.id in self._kept:
            return 0
        self._kept[kept.id] = kept
        self._ledger.put(Name(kept.sender, KIND, kept.id), Lives.TALK, body, with_batch=True)
        return self._make_room(kept.sender)

    def _make_room(self, user: str) -> int:
        hers = [one for one in self._kept.values() if one.sender == user]
        size, gone = sum(one.size for one in hers), 0
        while len(hers) - gone > MOST or size > MOST_BYTES:
            size -= hers[gone].size
            self.drop(hers[gone])
            gone += 1
        return gone

    def drop(self, kept: Kept) -> None:
        """It was read, or it waited long enough."""
        self._kept.pop(kept.id, None)
        self._told.discard(kept.id)
        self._ledger.drop(Name(kept.sender, KIND, kept.id), with_batch=True)

    def forget(self, user: str) -> None:
        """Nothing of this person waits any more; her rows are the host's to erase."""
        self._kept = {name: one for name, one in self._kept.items() if one.sender != user}

    def all(self) -> list[Kept]:
        """What waits, in the order it came."""
        return list(self._kept.values())

    def outdated(self, now: datetime) -> Iterator[Kept]:
        """What waited long enough."""
        return (one for one in self.all() if now - one.came_at > KEPT_FOR)

    def untold(self, now: datetime) -> list[Kept]:
        """What has waited for so long that somebody is to be told; each is named once."""
        due = [one for one in self.all() if one.id not in self._told and now - one.came_at >= GRACE]
        self._told.update(one.id for one in due)
        return due

    def next_word(self) -> datetime | None:
        """When somebody is to be told next, None for nobody."""
        waiting = (one.came_at + GRACE for one in self._kept.values() if one.id not in self._told)
        return min(waiting, default=None)

    def __len__(self) -> int:
        return len(self._kept)


def _read(body: bytes) -> Kept:
    plain: dict[str, Any] = orjson.loads(body)
    return Kept(
        plain["room"],
        plain["event"],
        _moment(plain["sent_at"]),
        _moment(plain["came_at"]),
        plain["order"],
        len(body),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
