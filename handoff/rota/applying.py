"""Changes applied, one after the other, to pieces of duty (rota.md §3.5, P8).

A piece is a stretch of one shift that one person holds. Every change works piece by piece, and what it
makes of a moment depends on that moment alone; only a moved shift carries pieces from one time to another.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from handoff.model import Offered, Tier
from handoff.rota.changes import (
    ActiveChange,
    Add,
    CancelInstance,
    MoveInstance,
    Remove,
    Replace,
    Stretch,
    Swap,
    touched,
)
from handoff.rota.spans import ALWAYS, Span, cut, inside, outside

_NOTHING_SAID: Final = Offered()


class Piece(NamedTuple):
    """Part of a shift in one person's hands; `change` is what put it there, None for the plan."""

    who: str
    start: datetime
    end: datetime
    tier: Tier
    role: str
    instance: str
    change: int | None
    offers: Offered


class Sheet:
    """All pieces by person, while changes are applied to them."""

    def __init__(self, pieces: Iterable[Piece], planned: Mapping[str, Span]) -> None:
        """`planned`: when the shifts that a change moves would have been."""
        self.pieces: dict[str, list[Piece]] = {}
        self._holders: dict[str, set[str]] | None = None  # made when the first shift is named by its id
        self._spans = dict(planned)
        self._put(pieces)

    def apply(self, changes: Iterable[ActiveChange]) -> None:
        """Apply changes in the order given."""
        for one in changes:
            self._put(self._made(one))

    def _made(self, one: ActiveChange) -> list[Piece]:
        """Take from the sheet what the change takes; what it puts there instead is returned."""
        match one.act:
            case Replace(stretch, to):
                return _given(self._taken(stretch, one), to, one.seq)
            case Remove(stretch):
                self._taken(stretch, one)
                return []
            case Swap(a, b):
                # Both sides before either is given away: from the state before the swap (P8).
                from_a, from_b = self._taken(a, one), self._taken(b, one)
                return [*_given(from_a, b.who, one.seq), *_given(from_b, a.who, one.seq)]
            case Add():
                return _added(one.act, one)
            case CancelInstance(instance):
                self._lifted(instance, one)
                return []
            case MoveInstance():
                return self._moved(one.act, one)
            case _:
                return []

    def _put(self, pieces: Iterable[Piece]) -> None:
        by_person, holders = self.pieces, self._holders
        for piece in pieces:
            held = by_person.get(piece.who)
            if held is None:
                held = by_person[piece.who] = []
            held.append(piece)
            if holders is not None:
                holders.setdefault(piece.instance, set()).add(piece.who)

    def _held_by(self, instance: str) -> list[str]:
        """Who has, or had, a part of a shift."""
        if self._holders is None:
            self._holders = {}
            for who, held in self.pieces.items():
                for piece in held:
                    self._holders.setdefault(piece.instance, set()).add(who)
        return sorted(self._holders.get(instance, ()))

    def _taken(self, stretch: Stretch, one: ActiveChange) -> list[Piece]:
        """Cut out of somebody's pieces what a stretch names."""
        kept: list[Piece] = []
        taken: list[Piece] = []
        for piece in self.pieces.get(stretch.who, ()):
            if stretch.instance is not None and piece.instance != stretch.instance:
                kept.append(piece)
                continue
            span = (piece.start, piece.end)
            parts = touched(span, one, stretch.window)
            taken.extend(_parts(piece, parts))
            kept.extend(_parts(piece, outside(span, parts)) if parts else (piece,))
        self.pieces[stretch.who] = kept
        return taken

    def _lifted(self, instance: str, one: ActiveChange) -> list[Piece]:
        """Cut out of everybody's pieces what a shift has of them while the change acts."""
        return [
            piece
            for who in self._held_by(instance)
            for piece in self._taken(Stretch(who, instance=instance), one)
        ]

    def _moved(self, act: MoveInstance, one: ActiveChange) -> list[Piece]:
        """Carry a shift's pieces to its new time, in order; whoever has its end has the new end.

        Who has been on by it already counts for what is still to come of the new time, and stays where she
        was in what is past.
        """
        held = [
            piece
            for who in self._held_by(act.instance)
            for piece in self.pieces[who]
            if piece.instance == act.instance
        ]
        self._lifted(act.instance, one)
        old = self._spans.get(act.instance)
        if old is None:
            return []
        new: Span = (act.start, act.end)
        if one.spans[-1][1] == ALWAYS[1]:
            self._spans[act.instance] = new
        carried: list[Piece] = []
        for piece in held:
            start = new[0] + (piece.start - old[0])
            end = new[1] if piece.end == old[1] else new[0] + (piece.end - old[0])
            span = cut((start, end), new)
            if span is not None:
                carried.extend(_parts(piece._replace(change=one.seq), inside(span, one.spans)))
        return carried


def _given(pieces: Iterable[Piece], to: str, seq: int) -> list[Piece]:
    # What a shift's line says of languages and skills it says of the person who stood in it.
    return [piece._replace(who=to, change=seq, offers=_NOTHING_SAID) for piece in pieces]


def _added(act: Add, one: ActiveChange) -> list[Piece]:
    instance = act.instance or f"change-{one.seq}"
    whole = Piece(act.who, act.start, act.end, act.tier, act.role, instance, one.seq, _NOTHING_SAID)
    return list(_parts(whole, touched((act.start, act.end), one, ALWAYS)))


def _parts(piece: Piece, spans: Iterable[Span]) -> Iterator[Piece]:
    for start, end in spans:
        yield piece._replace(start=start, end=end)
