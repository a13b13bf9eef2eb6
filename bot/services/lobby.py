"""The queue as one person may see it: offers to her, her chats, numbers for all, and who is on duty.

Never a word of hers who waits: urgency, language, need, country and minutes only (design §5).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, or_, select

from bot.model import NETWORK_DESK
from bot.services import dispatch, guests, pairs, people
from bot.services.claims import Found
from bot.services.handoff_facts import HandoffFacts, open_facts
from bot.services.house import House
from bot.services.opening import Opened
from bot.services.peeking import chat_name, peek
from bot.services.permissions import Action, Rights, Thing, rights_of
from bot.store import tables as t
from bot.store.moments import from_moment, to_moment
from handoff.eligibility import told
from handoff.model import HandoffState, OfferState, Refusal, Urgency, Waiting
from handoff.queue import order

TAKE: Final = (Action.TAKE, Thing.LIVE_CHAT)
MOST_FREE: Final = 10
"""Enough to choose from; the page of a busy night stays quick."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A chat this person may take. Microseconds; `expires_at` is 0 when it was not offered."""

    handoff: str
    name: str
    urgency: str
    language: str
    need: str
    country: str | None
    queued_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class OpenChat:
    """A chat this person holds, or has joined; `hers_since` is 0 unless the last word is hers.

    `holder` is who holds it where this person is a guest, else "". `came_back`: she left, and waits again.
    """

    handoff: str
    name: str
    urgency: str
    need: str
    left: bool
    hers_since: int
    holder: str = ""
    came_back: bool = False


@dataclass(frozen=True, slots=True)
class InQueue:
    """One who waits, for those who look after the queue; `refusal` says why this person may not take her."""

    handoff: str
    name: str
    urgency: str
    language: str
    need: str
    country: str | None
    reasons: tuple[str, ...]
    queued_at: int
    passed_on: bool
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Underway:
    """A chat somebody holds, for a supervisor: whose it is and how long she has waited for an answer.

    `guest` is the supervisor who has joined, "" for nobody; `may_join` says whether the one who looks may.
    """

    handoff: str
    name: str
    alias: str
    urgency: str
    hers_since: int
    guest: str
    may_join: bool


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One piece of the rota that holds now."""

    desk: str
    alias: str
    tier: str
    until: int
    ready: bool
    me: bool


@dataclass(frozen=True, slots=True)
class Lobby:
    """The whole page. None stands for what this person may not see.

    `free` are those who wait, were not offered to this person, and may be taken by her all the same.
    """

    ready: bool | None
    chats: tuple[OpenChat, ...]
    offers: tuple[Asked, ...]
    free: tuple[Asked, ...]
    counts: dict[str, int] | None
    oldest: dict[str, int]
    waiting: tuple[InQueue, ...] | None
    underway: tuple[Underway, ...] | None
    duties: tuple[OnDuty, ...] | None


def queue_for(connection: Connection, house: House, person: str, now: int) -> Lobby:
    """What `person` may see of queue and duty now."""
    rights = rights_of(connection, person)
    known = sorted({NETWORK_DESK, house.desk, *house.library.desks, *house.library.boards})
    viewed = rights.desks(Action.VIEW, Thing.QUEUE, known)
    looked_after = rights.desks(Action.EDIT, Thing.QUEUE, known)
    rows = _rows(connection, viewed)
    waiting = sorted((row for row in rows if row.state == HandoffState.WAITING.value), key=_precedence)
    mine = [row for row in _held_by(connection, person) if rights.may(Action.VIEW, Thing.LIVE_CHAT, row.desk)]
    answers = rights.anywhere(*TAKE)
    offers = _offers(connection, person, now) if answers else {}
    asked = [row for row in waiting if row.id in offers]
    detailed = [row for row in rows if row.desk in looked_after]
    others = [row for row in waiting if row.id not in offers and rights.may(*TAKE, row.desk)]
    others = [] if looked_after else others[:MOST_FREE]
    opened = peek(connection, house, {row.conversation for row in [*mine, *asked, *detailed, *others]})
    chats = [
        (row, opened[row.conversation])
        for row in [*others, *detailed]
        if row.state == HandoffState.WAITING.value and row.conversation in opened
    ]
    refusals = dispatch.may_take_which(connection, house, chats, person, now)
    return Lobby(
        ready=people.get(connection, house, person).present if answers else None,
        chats=tuple(_chat(connection, house, row, opened, person) for row in mine),
        offers=tuple(_asked(row, opened, offers[row.id]) for row in asked if row.conversation in opened),
        free=tuple(
            _asked(row, opened, 0) for row in others if refusals.get(row.id, Refusal.NOT_OPEN) is None
        ),
        counts=_counts(waiting) if viewed else None,
        oldest=_oldest(waiting),
        waiting=_waiting(detailed, opened, refusals, now) if looked_after else None,
        underway=_underway(connection, house, detailed, opened, person, rights, now)
        if rights.anywhere(Action.JOIN, Thing.LIVE_CHAT)
        else None,
        duties=_duties(connection, house, rights, known, person, now),
    )


def _rows(connection: Connection, desks: Sequence[str]) -> Sequence[Found]:
    row = t.handoff.c
    states = [HandoffState.WAITING.value, HandoffState.ACTIVE.value]
    return connection.execute(select(t.handoff).where(row.desk.in_(desks), row.state.in_(states))).all()


def _held_by(connection: Connection, person: str) -> Sequence[Found]:
    row = t.handoff.c
    states = [HandoffState.ACTIVE.value, HandoffState.LEFT.value]
    joined = (row.guest == person) & (row.guest_version == row.claim_version)
    query = select(t.handoff).where(or_(row.person == person, joined), row.state.in_(states))
    return connection.execute(query.order_by(row.queued_at, row.id)).all()


def _precedence(row: Found) -> tuple[str, bool, int]:
    urgency = row.urgency or "U2"
    crowded = row.crowded and not row.front
    return max(urgency, "U2") if crowded else urgency, not row.front, row.queued_at


def _offers(connection: Connection, person: str, now: int) -> dict[str, int]:
    row = t.offer.c
    query = select(row.handoff, row.expires_at).where(
        row.person == person, row.state == OfferState.PENDING.value, row.expires_at > now
    )
    return {found.handoff: found.expires_at for found in connection.execute(query)}


def _facts(row: Found, opened: dict[str, Opened]) -> HandoffFacts:
    talk = opened.get(row.conversation)
    if talk is None or row.facts_sealed is None:
        return HandoffFacts()
    return open_facts(talk.key, row.id, row.facts_sealed)


def _chat(
    connection: Connection, house: House, row: Found, opened: dict[str, Opened], person: str
) -> OpenChat:
    talk = opened.get(row.conversation)
    left = row.state == HandoffState.LEFT.value or talk is None
    hers_since = talk.state.hers_since if talk is not None and not left else 0
    return OpenChat(
        row.id,
        chat_name(row.id),
        row.urgency or "",
        _facts(row, opened).need,
        left,
        hers_since,
        holder="" if row.person == person else people.alias_of(connection, house, row.person),
        came_back=left and row.resumed_by is not None,
    )


def _asked(row: Found, opened: dict[str, Opened], expires_at: int) -> Asked:
    facts = _facts(row, opened)
    return Asked(
        row.id, chat_name(row.id), row.urgency or "U2", facts.language, facts.need, facts.country,
        row.queued_at, expires_at,
    )  # fmt: skip


def _counts(waiting: Sequence[Found]) -> dict[str, int]:
    numbers = Counter(row.urgency for row in waiting)
    return {urgency.value: numbers.get(urgency.value, 0) for urgency in Urgency}


def _oldest(waiting: Sequence[Found]) -> dict[str, int]:
    """Since when the one who waits longest has waited, by urgency."""
    oldest: dict[str, int] = {}
    for row in waiting:
        oldest[row.urgency] = min(oldest.get(row.urgency, row.queued_at), row.queued_at)
    return oldest


def _waiting(
    rows: Sequence[Found],
    opened: dict[str, Opened],
    refusals: Mapping[str, Refusal | None],
    now: int,
) -> tuple[InQueue, ...]:
    found: dict[str, InQueue] = {}
    places: list[Waiting] = []
    for row in rows:
        talk = opened.get(row.conversation)
        if row.state != HandoffState.WAITING.value or talk is None:
            continue
        facts = _facts(row, opened)
        refusal = refusals.get(row.id)
        found[row.id] = InQueue(
            row.id, chat_name(row.id), row.urgency or "U2", facts.language, facts.need, facts.country,
            tuple(talk.state.reasons), row.queued_at, row.front, None if refusal is None else told(refusal),
        )  # fmt: skip
        places.append(_place(row, facts))
    return tuple(found[one.handoff] for one in order(places, from_moment(now)))


def _place(row: Found, facts: HandoffFacts) -> Waiting:
    return Waiting(
        handoff=row.id,
        desk=row.desk,
        urgency=Urgency(row.urgency or "U2"),
        queued_at=from_moment(row.queued_at),
        language=facts.language,
        need=facts.need,
        country=facts.country,
        from_web=row.channel == "web",
        passed_on=row.front,
        crowded=bool(row.crowded),
    )


def _underway(
    connection: Connection,
    house: House,
    rows: Sequence[Found],
    opened: dict[str, Opened],
    person: str,
    rights: Rights,
    now: int,
) -> tuple[Underway, ...]:
    apart = pairs.kept_from(connection, person, now)

    def may_come(row: Found) -> bool:
        """As `joining.kept_apart` answers a tap: nobody is shown a door that stays shut."""
        facts = _facts(row, opened)
        kept = pairs.is_kept_from_her(facts, person) or person in facts.declined_by or row.person in apart
        return rights.may(Action.JOIN, Thing.LIVE_CHAT, row.desk) and not kept

    def guest(row: Found) -> str:
        who: str | None = row.guest
        joined = who is not None and guests.is_guest(row, who)
        return people.alias_of(connection, house, who) if joined and who is not None else ""

    return tuple(
        Underway(
            row.id,
            chat_name(row.id),
            people.alias_of(connection, house, row.person),
            row.urgency or "",
            opened[row.conversation].state.hers_since if row.conversation in opened else 0,
            guest=guest(row),
            may_join=may_come(row) and (not guest(row) or row.guest == person),
        )
        for row in rows
        if row.state == HandoffState.ACTIVE.value and row.person not in {None, person}
    )


def _duties(
    connection: Connection, house: House, rights: Rights, known: Sequence[str], person: str, now: int
) -> tuple[OnDuty, ...] | None:
    """Who is on duty, asked of the one function that answers it (PR11)."""
    desks = rights.desks(Action.VIEW, Thing.DUTY, known)
    if not desks:
        return None
    everyone = {one.profile.alias.casefold(): one for one in people.everyone(connection, house)}
    found: list[OnDuty] = []
    for desk in desks:
        board = house.library.boards.get(desk)
        for duty in board.at(from_moment(now)) if board else ():
            one = everyone.get(duty.volunteer.casefold())
            found.append(
                OnDuty(
                    desk,
                    duty.volunteer,
                    duty.tier.value,
                    to_moment(duty.end),
                    ready=one is not None and one.present and one.state == "active",
                    me=one is not None and one.id == person,
                )
            )
    tiers = ("primary", "backup", "supervisor", "shadow")
    return tuple(sorted(found, key=lambda one: (one.desk, tiers.index(one.tier), one.alias.casefold())))
