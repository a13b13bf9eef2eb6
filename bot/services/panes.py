"""What a volunteer sees of the chat she holds: both sides' words in their order, notes, coded facts.

Only the one who holds the claim reads it, opened under the conversation's own key and from the place on
that she who writes has agreed to (PR8, PR12); and a supervisor who has joined, once she has been told. A
right alone shows nothing; after a pass-on, neither does the chat.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import Connection, select

from bot.model import DueKind
from bot.services import guests, handing_over, held, old_lines, people, questions, shift_ends
from bot.services.claims import Found
from bot.services.guests import Visit
from bot.services.handoff_facts import HandoffFacts, open_facts
from bot.services.house import House
from bot.services.opening import Opened
from bot.services.pairs import is_kept_from_her
from bot.services.pane_lines import LONGEST, Line, Reader, lines_of
from bot.services.peeking import chat_name, peek, peeked
from bot.services.permissions import Action, Thing, demand
from bot.store import tables as t
from bot.vault.envelope import Place, open_sealed
from handoff.model import HandoffState
from handoff.relay import NotRelayed, to_volunteer

__all__ = ["Line", "NotYours", "NoteLine", "Pane", "Presence", "desk_of", "pane"]
_DEADLINES: Final = (DueKind.NUDGE, DueKind.ALERT_SUPERVISOR, DueKind.TAKE_BACK)


class NotYours(LookupError):
    """There is no such chat, or somebody else holds it: both look the same."""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note of this chat, for whoever holds it."""

    id: str
    alias: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether words reach her now (design §4). Times in microseconds.

    Attributes:
        last_act_at: her last act.
        until: new words reach her screen until then; 0 while they are kept for her next act.
        quiet: nothing is posted by itself; her tap brings what is kept.
        hers_since: since when the last word is hers, 0 when it is not.
    """

    last_act_at: int
    until: int
    quiet: bool
    hers_since: int


@dataclass(frozen=True, slots=True)
class Pane:
    """One chat as its holder sees it. After she had to leave only `left` is told.

    Attributes:
        handoff, name, desk, channel, version: which chat, and the claim acts are made under.
        alias: what she is told the volunteer is called.
        left: she had to leave; nothing can be read or written any more.
        urgency, reasons, facts, answers: coded, nothing she wrote.
        left_earlier: what she left for a person before, in another conversation.
        deadlines: when what happens if she is not answered (PR9).
        holder: who has the chat, where the one who looks is a guest; "" for the holder herself.
        visit: the supervisor who has joined, None for nobody. A guest reads nothing until `visit.told`.
        question: what she is being asked (`questions.Asking`), until `question_until`; "" for nothing.
        stays: she said that she would rather stay.
        shift_end: when the holder's shift ends, 0 while that is far.
        came_back: she left, and waits for a person again.
        undeleted: earlier lines could not be deleted from her phone (B-014).
    """

    handoff: str
    name: str
    desk: str
    channel: str
    version: int
    alias: str
    left: bool
    urgency: str = ""
    reasons: tuple[str, ...] = ()
    facts: HandoffFacts = field(default_factory=HandoffFacts)
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    lines: tuple[Line, ...] = ()
    notes: tuple[NoteLine, ...] = ()
    presence: Presence | None = None
    left_earlier: str = ""
    deadlines: Mapping[DueKind, int] = field(default_factory=dict[DueKind, int])
    holder: str = ""
    visit: Visit | None = None
    question: str = ""
    question_until: int = 0
    stays: bool = False
    shift_end: int = 0
    came_back: bool = False
    undeleted: bool = False

    @property
    def guest(self) -> bool:
        """Whether the one who looks has joined, and does not hold it."""
        return bool(self.holder)


def pane(connection: Connection, house: House, handoff: str, person: str, now: int) -> Pane:
    """The chat, for who holds it or has joined it; NotYours for others, NotAllowed without the right."""
    row = connection.execute(select(t.handoff).where(t.handoff.c.id == handoff)).one_or_none()
    if row is None or row.state not in _HELD or (row.person != person and not guests.is_guest(row, person)):
        raise NotYours(handoff)
    needs = Action.VIEW if row.person == person else Action.JOIN
    demand(connection, person, needs, Thing.LIVE_CHAT, row.desk)
    name, alias = chat_name(handoff), people.alias_of(connection, house, person)
    if row.state == HandoffState.LEFT.value:
        back = row.resumed_by is not None
        whole = Pane(handoff, name, row.desk, row.channel, row.claim_version, alias, left=True)
        return replace(whole, came_back=back)
    opened = peek(connection, house, [row.conversation]).get(row.conversation)
    if opened is None or row.facts_sealed is None:
        raise NotYours(handoff)
    facts, run = open_facts(opened.key, row.id, row.facts_sealed), opened.state.run
    if is_kept_from_her(facts, person):
        raise NotYours(handoff)
    seen = Pane(
        handoff=handoff,
        name=name,
        desk=row.desk,
        channel=row.channel,
        version=row.claim_version,
        alias=alias,
        left=False,
        urgency=row.urgency or "U2",
        reasons=tuple(opened.state.reasons),
        facts=facts,
        answers=run.answers if run else facts.answers,
        presence=_presence(connection, house, opened, now),
        deadlines=_deadlines(connection, opened.id),
        visit=guests.visit_of(connection, house, row, opened),
        undeleted=opened.state.undeleted or old_lines.are_refused(connection, opened.id),
    )
    if row.person != person:
        return _for_guest(connection, house, row, opened, seen)
    return _for_holder(connection, house, row, opened, seen, now)


def _for_holder(
    connection: Connection, house: House, row: Found, opened: Opened, seen: Pane, now: int
) -> Pane:
    state, facts = opened.state, seen.facts
    claim = facts.reads_from_claim or row.claim_version
    reader = Reader(row.person, facts.read_from_inbox, facts.read_from_sequence, claim)
    asking = questions.asked(peeked(connection, house, opened, now))
    ends = state.shift_end
    return replace(
        seen,
        alias=state.alias or seen.alias,
        lines=lines_of(connection, house, opened, row, reader),
        notes=tuple(_notes(connection, house, opened)),
        left_earlier=_cleaned(facts.left_earlier),
        question=asking.value if asking is not None else "",
        question_until=state.question_at + handing_over.ANSWERED_WITHIN,
        stays=bool(state.claim) and state.stays_claim == state.claim,
        shift_end=ends if ends and ends - shift_ends.WARNED_BEFORE <= now else 0,
    )


def _for_guest(connection: Connection, house: House, row: Found, opened: Opened, seen: Pane) -> Pane:
    """Coded facts, and words from the announcement on, once she has been told."""
    guest = opened.state.guest
    if seen.visit is None or guest is None:
        raise NotYours(row.id)
    coded = replace(
        seen,
        alias=guest.alias,
        facts=replace(seen.facts, left_earlier="", words=""),
        holder=people.alias_of(connection, house, row.person),
    )
    if not seen.visit.told:
        return coded
    reader = Reader(guest.person, guest.from_inbox, guest.from_sequence, row.claim_version)
    return replace(
        coded,
        lines=lines_of(connection, house, opened, row, reader),
        notes=tuple(_notes(connection, house, opened)),
    )


def _cleaned(text: str) -> str:
    cleaned = to_volunteer(text, LONGEST)
    return "" if isinstance(cleaned, NotRelayed) else "\n".join(cleaned.parts)


def desk_of(connection: Connection, handoff: str) -> str:
    """The desk of a chat; raises NotYours for one nobody knows."""
    desk = connection.execute(select(t.handoff.c.desk).where(t.handoff.c.id == handoff)).scalar_one_or_none()
    if desk is None:
        raise NotYours(handoff)
    return desk


_HELD: Final = (HandoffState.ACTIVE.value, HandoffState.LEFT.value)


def _notes(connection: Connection, house: House, opened: Opened) -> Iterator[NoteLine]:
    rows = connection.execute(
        select(t.note).where(t.note.c.conversation == opened.id).order_by(t.note.c.written_at, t.note.c.id)
    )
    for row in rows:
        text = open_sealed(opened.key, Place("note", "body_sealed", row.id), row.body_sealed).decode()
        try:
            alias = people.alias_of(connection, house, row.person)
        except people.UnknownPerson:
            alias = ""
        yield NoteLine(row.id, alias, text, row.written_at)


def _presence(connection: Connection, house: House, opened: Opened, now: int) -> Presence:
    talk = peeked(connection, house, opened, now)
    # Opened anew and the safe check not answered yet: her window is open, and words are held all the same.
    until = 0 if held.keeps_back(talk) else held.relay_until(talk)
    return Presence(opened.last_act_at, until, opened.state.quiet, opened.state.hers_since)


def _deadlines(connection: Connection, conversation: str) -> dict[DueKind, int]:
    rows = connection.execute(
        select(t.due.c.kind, t.due.c.at).where(
            t.due.c.subject == conversation, t.due.c.kind.in_([kind.value for kind in _DEADLINES])
        )
    )
    return {DueKind(row.kind): row.at for row in rows}
