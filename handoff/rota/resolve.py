"""Who is on duty: one function for routing, pages, feeds, reports and bot alike (PR11).

`shifts as planned → rotation → changes in order → leave, blocked, closed → one piece a person → duty`.
All moments are aware; answers are UTC and half-open. Elapsed time everywhere: a night of 23 or 25
hours is as long as it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from handoff.model import Duty, Offered, Tier
from handoff.rota.absence import away
from handoff.rota.applying import Piece, Sheet
from handoff.rota.changes import ActiveChange, MoveInstance, active, closed
from handoff.rota.pattern import NOTHING_SAID, Rota
from handoff.rota.shifts import Shift, shifts, shifts_named, spans_of
from handoff.rota.spans import ALWAYS, Span, cut, inside, joined, outside, utc
from handoff.rota.spill import Spill, SpillWhen
from handoff.rota.zones import zone_named

NOBODY_ELSE: Final[Mapping[str, Rota]] = {}
STRONGEST_FIRST: Final = (Tier.PRIMARY, Tier.SUPERVISOR, Tier.BACKUP, Tier.SHADOW)
"""Who stands in two shifts at once is on in the first of these tiers, and in no other."""

_RANK: Final = {tier: place for place, tier in enumerate(STRONGEST_FIRST)}
_TIER_ORDER: Final = {tier: place for place, tier in enumerate(Tier)}


def final_duty(
    rota: Rota, start: datetime, end: datetime, others: Mapping[str, Rota] = NOBODY_ELSE
) -> tuple[Duty, ...]:
    """Who is on duty from `start` to `end`, clipped to it (PR11).

    Nobody is on twice at once. Each duty is a piece of one shift; `spells` joins what belongs together.
    `others` are the rotas of desks that may help out. Sorted by start, tier, volunteer. Empty when `end`
    is not after `start`. Raises NaiveMoment.
    """
    since, until = utc(start), utc(end)
    if until <= since:
        return ()
    duties = _own(rota, since, until)
    if rota.spill and others:
        duties = [*duties, *_helping(rota, duties, since, until, others)]
    return tuple(sorted(duties, key=_place))


def spells(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    """The same duty with each person's pieces of one tier joined where they meet.

    What differs between the pieces (shift, change) is that of the first.
    """
    found: list[Duty] = []
    last: dict[tuple[str, Tier], int] = {}
    for duty in sorted(duties, key=_place):
        key = (duty.volunteer, duty.tier)
        at = last.get(key)
        if at is not None and found[at].end == duty.start:
            found[at] = _until(found[at], duty.end)
        else:
            last[key] = len(found)
            found.append(duty)
    return tuple(found)


def raw_pieces(rota: Rota, since: datetime, until: datetime) -> Mapping[str, Sequence[Piece]]:
    """Everybody's pieces after all changes and absences, clipped; one person's may still overlap.

    At each moment the edition in force then counts, with every change: a later one never reaches back.
    """
    changes = active(rota.changes)
    gone = away(rota.absences, until)
    shut = closed(changes)
    found: dict[str, list[Piece]] = {}
    for edition, span in _editions(rota):
        window = cut(span, (since, until))
        if window is None:
            continue
        for who, held in _changed(edition, changes, window).items():
            if rota.answering is None or who.casefold() in rota.answering:
                absent = tuple(joined((*gone.get(who.casefold(), ()), *shut)))
                found.setdefault(who, []).extend(_clipped(held, window, absent))
    return found


def _changed(edition: Rota, changes: Sequence[ActiveChange], window: Span) -> Mapping[str, Sequence[Piece]]:
    """An edition's pieces near a window after the changes."""
    moved = {one.act.instance: None for one in changes if isinstance(one.act, MoveInstance)}
    found = [shift for shift in shifts(edition, *window) if shift.instance not in moved]
    planned: dict[str, Span] = {}
    for name in moved:
        # Wherever it is moved from or to: asked for by name, since it may lie far from the question.
        for shift in shifts_named(edition, name):
            found.append(shift)
            planned.setdefault(name, (shift.start, shift.end))
    sheet = Sheet((piece for shift in found for piece in _pieces_of(shift)), planned)
    sheet.apply(changes)
    return sheet.pieces


def offers_of(rota: Rota, who: str, own: Offered) -> Offered:
    """What somebody brings to a shift: the shift's own languages and skills stand before hers."""
    hers = rota.volunteers.get(who, NOTHING_SAID)
    if not own.languages and not own.skills:
        return hers
    return Offered(own.languages or hers.languages, own.skills or hers.skills)


def _own(rota: Rota, since: datetime, until: datetime) -> list[Duty]:
    duties: list[Duty] = []
    for pieces in raw_pieces(rota, since, until).values():
        for piece in _once(pieces):
            who, start, end, tier, role, instance, change, own = piece
            duties.append(Duty(who, tier, start, end, role, instance, change, offers_of(rota, who, own)))
    return duties


def _editions(rota: Rota) -> Iterator[tuple[Rota, Span]]:
    """Each edition with the time it is in force, the newest first."""
    edition: Rota | None = rota
    until = _LATEST
    while edition is not None:
        since = edition.since or _EARLIEST
        if since < until:
            yield edition, (since, until)
        until = min(until, since)
        edition = edition.earlier


_EARLIEST, _LATEST = ALWAYS


def _pieces_of(shift: Shift) -> Iterator[Piece]:
    for who in shift.people:
        yield Piece(who, shift.start, shift.end, shift.tier, shift.role, shift.instance, None, shift.offers)


def _clipped(pieces: Iterable[Piece], window: Span, gone: Sequence[Span]) -> list[Piece]:
    since, until = window
    kept: list[Piece] = []
    for piece in pieces:
        start, end = piece.start, piece.end
        if start < until and end > since:
            if start < since or end > until:
                piece = piece._replace(start=max(start, since), end=min(end, until))  # noqa: PLW2901
            if gone:
                kept.extend(
                    piece._replace(start=s, end=e) for s, e in outside((piece.start, piece.end), gone)
                )
            else:
                kept.append(piece)
    return kept


def _once(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """One person's pieces so that she is on once at any moment; what meets and is the same is one piece."""
    ordered = sorted(pieces, key=_begins)
    last: Piece | None = None
    for piece in ordered if _is_disjoint(ordered) else _strongest(ordered):
        if last is not None and last.end == piece.start and last[3:] == piece[3:]:
            last = last._replace(end=piece.end)
        else:
            if last is not None:
                yield last
            last = piece
    if last is not None:
        yield last


def _is_disjoint(ordered: Sequence[Piece]) -> bool:
    return all(one.end <= other.start for one, other in pairwise(ordered))


def _strongest(ordered: Sequence[Piece]) -> Iterator[Piece]:
    """At every moment the piece of the strongest tier; of equals the one whose shift comes first by name."""
    for crowd in _crowds(ordered):
        if len(crowd) == 1:
            yield crowd[0]
            continue
        edges = sorted({edge for piece in crowd for edge in (piece.start, piece.end)})
        for start, end in pairwise(edges):
            there = [piece for piece in crowd if piece.start <= start and piece.end >= end]
            yield min(there, key=_strength)._replace(start=start, end=end)


def _crowds(ordered: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces that overlap, directly or through others, together."""
    crowd: list[Piece] = []
    over = _EARLIEST
    for piece in ordered:
        if crowd and piece.start >= over:
            yield crowd
            crowd = []
        crowd.append(piece)
        over = max(over, piece.end) if len(crowd) > 1 else piece.end
    if crowd:
        yield crowd


def _helping(
    rota: Rota, own: Sequence[Duty], since: datetime, until: datetime, others: Mapping[str, Rota]
) -> Iterator[Duty]:
    """People of other desks, in the order the rota names the desks; whoever is on already counts once."""
    busy: dict[str, list[Span]] = {}
    for duty in own:
        busy.setdefault(duty.volunteer.casefold(), []).append((duty.start, duty.end))
    for spill in rota.spill:
        other = others.get(spill.desk)
        if other is None:
            continue
        windows = _spilling(rota, spill, own, since, until)
        for duty in _own(other, since, until):
            if duty.tier is not spill.takes:
                continue
            known = busy.setdefault(duty.volunteer.casefold(), [])
            taken = tuple(joined(known))
            for span in inside((duty.start, duty.end), windows):
                for begun, over in outside(span, taken):
                    known.append((begun, over))
                    yield _at_the_other_desk(duty, spill, begun, over)


def _spilling(
    rota: Rota, spill: Spill, own: Sequence[Duty], since: datetime, until: datetime
) -> tuple[Span, ...]:
    """When the other desk helps out."""
    windows: list[Span] = [(since, until)]
    if spill.timing is not None:
        windows = list(joined(spans_of(spill.timing, zone_named(rota.zone), since, until)))
    if spill.when is SpillWhen.GAP:
        covered = tuple(joined((duty.start, duty.end) for duty in own if duty.tier is Tier.PRIMARY))
        windows = [rest for window in windows for rest in outside(window, covered)]
    shut = closed(active(rota.changes))
    return tuple(rest for window in windows for rest in outside(window, shut))


def _at_the_other_desk(duty: Duty, spill: Spill, start: datetime, end: datetime) -> Duty:
    return replace(duty, tier=spill.gives, start=start, end=end, desk=spill.desk)


def _until(duty: Duty, end: datetime) -> Duty:
    return replace(duty, end=end)


def _begins(piece: Piece) -> datetime:
    return piece.start


def _strength(piece: Piece) -> tuple[int, str, str, int]:
    return _RANK[piece.tier], piece.instance, piece.role, -1 if piece.change is None else piece.change


def _place(duty: Duty) -> tuple[datetime, int, str]:
    return duty.start, _TIER_ORDER[duty.tier], duty.volunteer
