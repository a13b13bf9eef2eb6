"""Changes of single shifts as records: never an edit in place, so the past stays as it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff.model import Tier
from handoff.rota.spans import ALWAYS, Span, inside, joined, outside


class ChangeStatus(StrEnum):
    """Where a change stands; only an approved one acts."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of somebody's duty: a window, a shift by its id, or that part of a shift.

    A shift named by its id is followed wherever its times are moved.
    """

    who: str
    start: datetime | None = None
    end: datetime | None = None
    instance: str | None = None

    @property
    def window(self) -> Span:
        """The time it names, all time where it names none."""
        return self.start or ALWAYS[0], self.end or ALWAYS[1]


@dataclass(frozen=True, slots=True)
class Replace:
    """`to` is on instead of whoever the stretch names, and only where she is on duty."""

    stretch: Stretch
    to: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Whoever the stretch names is not on."""

    stretch: Stretch


@dataclass(frozen=True, slots=True)
class Add:
    """`who` is on besides; with `instance` she joins that shift."""

    who: str
    start: datetime
    end: datetime
    tier: Tier = Tier.PRIMARY
    role: str = ""
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """Two people change places; both sides are taken from the state before it."""

    a: Stretch
    b: Stretch


@dataclass(frozen=True, slots=True)
class CancelInstance:
    """One shift does not take place."""

    instance: str


@dataclass(frozen=True, slots=True)
class MoveInstance:
    """One shift takes place at another time, with the same people; its id stays."""

    instance: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Close:
    """The desk answers nobody in this time, whoever is planned and whatever is changed later.

    Undone, it is open again. Nobody is needed while it holds.
    """

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Undo:
    """The change with this number acts no more, from this record's effective time on."""

    seq: int


Act = Replace | Remove | Add | Swap | CancelInstance | MoveInstance | Close | Undo


@dataclass(frozen=True, slots=True)
class Change:
    """One record.

    Attributes:
        seq: its place; later changes see what earlier ones made (P8).
        act: what it does.
        status: see `ChangeStatus`.
        effective_at: what lies before this stays as it was; None closes nothing.
        recorded_at: when it became known, None where nobody asks.
        proposed_by, approved_by: aliases or staff ids, None where the record does not say.
        reason: a code, never a text about anybody.
    """

    seq: int
    act: Act
    status: ChangeStatus = ChangeStatus.APPROVED
    effective_at: datetime | None = None
    recorded_at: datetime | None = None
    proposed_by: str | None = None
    approved_by: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ActiveChange:
    """A change that acts, and in which time: from its effective time on, but for where it is undone."""

    seq: int
    act: Act
    spans: tuple[Span, ...]


def active(changes: Iterable[Change]) -> Sequence[ActiveChange]:
    """The changes that act, in order of their numbers. An undo that is itself undone undoes nothing."""
    approved = sorted(
        (change for change in changes if change.status is ChangeStatus.APPROVED), key=lambda one: one.seq
    )
    spans: dict[int, tuple[Span, ...]] = {}
    undone: dict[int, list[Span]] = {}
    # Whatever undoes a change has a higher number: from the last to the first each is decided for good.
    for change in reversed(approved):
        whole = (change.effective_at or ALWAYS[0], ALWAYS[1])
        spans[change.seq] = tuple(outside(whole, tuple(joined(undone.get(change.seq, ())))))
        if isinstance(change.act, Undo):
            undone.setdefault(change.act.seq, []).extend(spans[change.seq])
    return [
        ActiveChange(change.seq, change.act, spans[change.seq])
        for change in approved
        if not isinstance(change.act, Undo) and spans[change.seq]
    ]


def aliases(change: Change) -> frozenset[str]:
    """Everybody a change names."""
    match change.act:
        case Replace(stretch, to):
            return frozenset({stretch.who, to})
        case Remove(stretch):
            return frozenset({stretch.who})
        case Add(who):
            return frozenset({who})
        case Swap(a, b):
            return frozenset({a.who, b.who})
        case _:
            return frozenset()


def touched(span: Span, one: ActiveChange, window: Span) -> list[Span]:
    """What of a span a change reaches: where it acts, within its window."""
    start, end = max(span[0], window[0]), min(span[1], window[1])
    return list(inside((start, end), one.spans)) if start < end else []


def closed(changes: Iterable[ActiveChange]) -> tuple[Span, ...]:
    """When the desk is closed by a change, as disjoint spans in order."""
    spans: list[Span] = []
    for one in changes:
        if isinstance(one.act, Close):
            spans.extend(touched((one.act.start, one.act.end), one, ALWAYS))
    return tuple(joined(spans))


def by_seq(changes: Iterable[Change]) -> Mapping[int, Change]:
    """The changes by their numbers. Raises ValueError where two share one."""
    found: dict[int, Change] = {}
    for change in changes:
        if change.seq in found:
            raise ValueError(f"two changes have the number {change.seq}")
        found[change.seq] = change
    return found
