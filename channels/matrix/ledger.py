"""What the adapter remembers, by owner, kind and name; it knows which rows the host has not stored yet.

Two ways lead to the database. What was learnt from an answer of the homeserver that is not stored yet may go
with its batch only: written earlier, and the batch lost, a message could be read by nobody again. Everything
else may go at any time, and some of it must go before a request (PR1).
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import orjson

from channels.message import Lives, OwnRow
from channels.port import OwnRows

_BETWEEN: Final = b"\n"


class Name(NamedTuple):
    """What a row is about. `owner` is a user id, "" for the line itself."""

    owner: str
    kind: str
    name: str = ""


@dataclass(slots=True)
class _Leaf:
    """One row: `body` may be stored at any time, `late` (where `is_late`) with the next batch only."""

    id: str
    lives: Lives
    body: bytes | None
    changed: int = 0  # version of `body` that is not stored, 0 for none
    late: bytes | None = None
    is_late: int = 0  # version of `late` that is not stored, 0 for none

    @property
    def now(self) -> bytes | None:
        """What is remembered now."""
        return self.late if self.is_late else self.body


@dataclass(frozen=True, slots=True)
class Pending:
    """Rows to be stored, and what to tell the ledger once they are."""

    rows: tuple[OwnRow, ...]
    marks: tuple[tuple[Name, int], ...]


@dataclass(slots=True)
class Ledger:
    """All rows, in memory; `token` makes ids."""

    rows: OwnRows
    token: Callable[[], str]
    storing: asyncio.Lock = field(default_factory=asyncio.Lock)  # an older form must not overtake a newer one
    _leaves: dict[Name, _Leaf] = field(default_factory=dict["Name", "_Leaf"])
    _changed: dict[Name, None] = field(default_factory=dict["Name", None])
    _versions: int = 0

    async def open(self) -> None:
        """Read everything anew."""
        self._leaves.clear()
        self._changed.clear()
        for row in await self.rows.load():
            head, _, body = (row.body or b"").partition(_BETWEEN)
            kind, name = orjson.loads(head)
            self._leaves[Name(row.owner, kind, name)] = _Leaf(row.id, row.lives, body)

    def get(self, name: Name) -> bytes | None:
        """The body of a row, None for none."""
        leaf = self._leaves.get(name)
        return leaf.now if leaf is not None else None

    def of(self, kind: str, owner: str | None = None) -> Iterator[tuple[Name, bytes]]:
        """Every row of a kind, of one owner or of all."""
        for name, leaf in list(self._leaves.items()):
            if name.kind == kind and leaf.now is not None and owner in {None, name.owner}:
                yield name, leaf.now

    def owners(self) -> set[str]:
        """Everybody there is a row about."""
        return {name.owner for name, leaf in self._leaves.items() if leaf.now is not None} - {""}

    def put(self, name: Name, lives: Lives, body: bytes, *, with_batch: bool = False) -> None:
        """Remember something. `with_batch`: it may be stored with the next batch only."""
        leaf = self._leaves.get(name)
        if leaf is None:
            leaf = self._leaves[name] = _Leaf(self.token(), lives, None)
        elif leaf.now == body:
            return
        self._change(name, leaf, body, with_batch=with_batch)

    def drop(self, name: Name, *, with_batch: bool = False) -> None:
        """Remember it no longer."""
        leaf = self._leaves.get(name)
        if leaf is not None and leaf.now is not None:
            self._change(name, leaf, None, with_batch=with_batch)

    def drop_owner(self, owner: str) -> None:
        """Remember nothing about somebody, from now on and in no later batch."""
        for name in [name for name in self._leaves if name.owner == owner]:
            leaf = self._leaves[name]
            leaf.late, leaf.is_late = None, 0
            self._change(name, leaf, None, with_batch=False)

    def pending(self, *, with_batch: bool) -> Pending:
        """What is to be stored now; nothing changes until `stored`."""
        rows: list[OwnRow] = []
        marks: list[tuple[Name, int]] = []
        for name in self._changed:
            leaf = self._leaves[name]
            if with_batch and leaf.is_late:
                body, version = leaf.late, leaf.is_late
            elif leaf.changed:
                body, version = leaf.body, leaf.changed
            else:
                continue
            rows.append(OwnRow(leaf.id, leaf.lives, name.owner, _written(name, body)))
            marks.append((name, version))
        return Pending(tuple(rows), tuple(marks))

    def stored(self, pending: Pending) -> None:
        """These rows are in the database; what changed since is not."""
        for name, version in pending.marks:
            leaf = self._leaves.get(name)
            if leaf is None:
                continue
            if leaf.is_late == version:
                leaf.body, leaf.late, leaf.is_late, leaf.changed = leaf.late, None, 0, 0
            elif leaf.changed == version:
                leaf.changed = 0
            if not leaf.changed and not leaf.is_late:
                self._changed.pop(name, None)
                if leaf.body is None:
                    del self._leaves[name]

    async def save(self) -> None:
        """Store what need not wait for a batch. Raises what the host raised."""
        async with self.storing:
            pending = self.pending(with_batch=False)
            if pending.rows:
                await self.rows.save(pending.rows)
                self.stored(pending)

    def _change(self, name: Name, leaf: _Leaf, body: bytes | None, *, with_batch: bool) -> None:
        self._versions += 1
        # A newer form of what waits for the batch builds on it, and waits with it.
        if with_batch or leaf.is_late:
            leaf.late, leaf.is_late = body, self._versions
        else:
            leaf.body, leaf.changed = body, self._versions
        self._changed[name] = None


def _written(name: Name, body: bytes | None) -> bytes | None:
    return None if body is None else orjson.dumps([name.kind, name.name]) + _BETWEEN + body
