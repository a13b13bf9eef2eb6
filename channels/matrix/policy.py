"""Which invitations are taken, and in which rooms the line talks. Pure; times are seconds of any clock."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from channels.matrix.reading import Table, tables, text
from channels.matrix.rooms import RoomView
from channels.matrix.settings import MatrixSettings

HOUR: Final = 3600.0
MAX_REMEMBERED: Final = 50_000


class Answer(Enum):
    """What becomes of an invitation."""

    JOIN = "join"
    LATER = "later"  # too many at once: it stays, and is looked at again
    DECLINE = "decline"


class Verdict(Enum):
    """What a room we are in is to us."""

    TALK = "talk"
    LOCK = "lock"  # not encrypted, and we may switch it on
    TELL_LOCK = "tell_lock"  # not encrypted, and only she can: she is told plainly
    TELL_ALONE = "tell_alone"  # more than the two of us
    LEAVE = "leave"  # nobody there, or no room to talk in
    UNKNOWN = "unknown"  # who is in it must be asked first


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation tells before one is in the room."""

    room: str
    sender: str
    direct: bool
    public: bool
    named: bool
    space: bool


def read_invitation(room: str, me: str, events: object) -> Invitation:
    """The stripped state an invitation brings; it may hold anything."""
    sender, direct, public, named, space = "", False, False, False, False
    for event in tables(events):
        kind, content = text(event.get("type")), event.get("content")
        told: Table = content if isinstance(content, dict) else {}  # pyright: ignore[reportUnknownVariableType]
        if kind == "m.room.member" and event.get("state_key") == me:
            sender, direct = text(event.get("sender")), told.get("is_direct") is True
        elif kind == "m.room.join_rules":
            public = told.get("join_rule") == "public"
        elif kind in {"m.room.name", "m.room.canonical_alias", "m.room.topic"}:
            named = named or bool(
                text(told.get("name")) or text(told.get("alias")) or text(told.get("topic"))
            )
        elif kind == "m.room.create":
            space = bool(text(told.get("type")))
    return Invitation(room, sender, direct, public, named, space)


def judge(view: RoomView) -> Verdict:
    """What a room is to us now."""
    if view.kind:
        return Verdict.LEAVE
    if view.crowded:
        return Verdict.TELL_ALONE
    if not view.whole:
        return Verdict.UNKNOWN
    if view.others > 1:
        return Verdict.TELL_ALONE
    if view.join_rule not in {"invite", "private"}:
        return Verdict.TELL_ALONE  # others may come in at any time
    if view.partner is None:
        return Verdict.UNKNOWN if view.others or view.expected else Verdict.LEAVE
    if view.locked:
        return Verdict.TALK
    return Verdict.LOCK if view.may_lock() and not view.strange_lock else Verdict.TELL_LOCK


@dataclass(slots=True)
class Doorkeeper:
    """Looks at invitations: who, how many, how fast. Holds no more than it must."""

    settings: MatrixSettings
    _last: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])
    _of_server: dict[str, deque[float]] = field(default_factory=dict[str, deque[float]])
    _joins: deque[float] = field(default_factory=deque[float])

    def answer(self, invitation: Invitation, now: float) -> Answer:
        """Say what becomes of an invitation; only JOIN uses up what is allowed."""
        settings, sender = self.settings, invitation.sender
        if not _is_a_chat(invitation) or not settings.lets_in(sender):
            return Answer.DECLINE
        every = settings.invitation_every.total_seconds()
        last = self._last.get(sender)
        if last is not None and now - last < every:
            return Answer.LATER
        server = sender.partition(":")[2]
        of_server = self._of_server.setdefault(server, deque())
        _drop_old(of_server, now)
        _drop_old(self._joins, now)
        if len(of_server) >= settings.invitations_per_server and server != settings.server:
            return Answer.LATER
        if len(self._joins) >= settings.joins:
            return Answer.LATER
        self._last[sender] = now
        self._last.move_to_end(sender)
        of_server.append(now)
        self._joins.append(now)
        while len(self._last) > MAX_REMEMBERED:
            self._last.popitem(last=False)
        self._of_server = {name: times for name, times in self._of_server.items() if times}
        return Answer.JOIN


def _is_a_chat(invitation: Invitation) -> bool:
    """A direct chat says so; some clients do not, but then it is at least private and nameless."""
    if not invitation.sender or invitation.public or invitation.space:
        return False
    return invitation.direct or not invitation.named


def _drop_old(times: deque[float], now: float) -> None:
    while times and times[0] <= now - HOUR:
        times.popleft()
