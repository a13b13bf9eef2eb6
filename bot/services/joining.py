"""A supervisor joins a live chat, announced to her who writes; never unseen (design §5, B-043, B-117).

She who writes is told by name before anything can be read; the volunteer stays and sees it. The guest reads
from the announcement on, writes under an alias of her own, and her leaving is told as well. One guest at a
time, under the claim that holds: a pass-on, a close or a hide ends the visit with the chat.
"""

from sqlalchemy import Connection, select, update

from bot.services import guests, pairs, people, queueing, speech
from bot.services.claims import DeskRefusal, Found, finish, locked
from bot.services.entries import Purpose
from bot.services.house import House
from bot.services.permissions import Action, Thing, demand
from bot.services.state import Guest
from bot.services.talk import Talk
from bot.store import tables as t
from handoff import eligibility
from handoff.model import HandoffState, Refusal


def join(connection: Connection, house: House, handoff: str, person: str, now: int) -> int:
    """Join a chat somebody else holds; returns the claim version acts are made under.

    Joining twice changes nothing. Raises DeskRefusal: NOT_OPEN, YOURS, SOMEBODY_JOINED, ALREADY_DECLINED;
    NotAllowed.
    """
    talk, row = locked(connection, house, handoff, now)
    if talk is None or row is None or row.state != HandoffState.ACTIVE.value:
        raise DeskRefusal(Refusal.NOT_OPEN)
    demand(connection, person, Action.JOIN, Thing.LIVE_CHAT, row.desk)
    if row.person == person:
        raise DeskRefusal("YOURS")
    if guests.is_guest(row, person):
        return row.claim_version
    if row.guest is not None and guests.is_guest(row, row.guest):
        raise DeskRefusal("SOMEBODY_JOINED")
    refusal = kept_apart(talk, row, person)
    if refusal is not None:
        raise DeskRefusal(eligibility.told(refusal))
    _put_down(talk, handoff, person, row.claim_version)
    guest = Guest(person, people.alias_of(connection, house, person), row.claim_version)
    talk.opened.state.guest = guest
    # Before her safe check nothing is told: it comes with the first words after it (`guests.after_her_act`).
    if talk.checked:
        guests.announce(talk, guest)
    talk.count("live.joined")
    finish(talk)
    return row.claim_version


def part(connection: Connection, house: House, handoff: str, person: str, now: int) -> None:
    """Leave a chat one has joined; she who writes is told. Leaving what is over already changes nothing."""
    talk, row = locked(connection, house, handoff, now)
    if talk is None or row is None or not guests.is_guest(row, person):
        return
    guest, knew = talk.opened.state.guest, guests.told(connection, house, talk.opened)
    talk.opened.state.guest = None
    _put_down(talk, handoff, None, None)
    if guest is not None and knew:
        told = {"alias": guest.alias, "volunteer": talk.opened.state.alias}
        speech.tell(talk, "word.supervisor_left", values=told, purpose=Purpose.OUTCOME)
    elif guest is not None:
        guests.take_back(talk, guest)
    talk.count("live.parted")
    finish(talk)


def part_with_the_gone(connection: Connection, house: House, now: int) -> int:
    """Visits of people who are shut out end, and she who writes is told; returns how many."""
    row = t.handoff.c
    rows = connection.execute(
        select(row.id, row.guest)
        .join(t.person, t.person.c.id == row.guest)
        .where(
            row.state == HandoffState.ACTIVE.value,
            row.guest_version == row.claim_version,
            t.person.c.state.in_(("suspended", "left")),
        )
    ).all()
    for found in rows:
        part(connection, house, found.id, found.guest, now)
    return len(rows)


def kept_apart(talk: Talk, row: Found, person: str) -> Refusal | None:
    """Why the guest is kept apart from this chat; None when nothing stands between them.

    Whoever has passed this very chat on does not come back to it by another door; and people who are kept
    apart from her who writes, or from the one who holds the chat, stay apart (`pairs`).
    """
    declined = queueing.open_facts(talk.opened.key, row.id, row.facts_sealed).declined_by
    if person in declined:
        return Refusal.ALREADY_DECLINED
    return pairs.may_join(talk.connection, talk.house, row.id, person, talk.now)


def _put_down(talk: Talk, handoff: str, person: str | None, version: int | None) -> None:
    mine = t.handoff.c.id == handoff
    talk.connection.execute(update(t.handoff).where(mine).values(guest=person, guest_version=version))
