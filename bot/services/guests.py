"""A supervisor who has joined a live chat: who that is, and whether she who writes has been told (design §5).

Until the announcement is on her screen the supervisor reads nothing; and what she wrote before it was there
is never shown to the supervisor. The hand-off's row names the guest, under one claim; when that ends, for
whatever reason, so has the visit. The rest lies in the conversation's sealed state.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from bot.model import Stage
from bot.services import queueing, speech
from bot.services.claims import Found
from bot.services.entries import Purpose
from bot.services.house import House
from bot.services.opening import Opened
from bot.services.state import Guest
from bot.services.talk import Talk
from bot.store import tables as t
from channels.message import DeliveryState
from handoff.model import HandoffState


@dataclass(frozen=True, slots=True)
class Visit:
    """A guest as the two others see her; `told`: she who writes knows, so the guest may read and write."""

    person: str
    alias: str
    told: bool


def is_guest(row: Found, person: str) -> bool:
    """Whether `person` has joined this chat under the claim that holds."""
    return (
        row.state == HandoffState.ACTIVE.value
        and row.guest == person
        and row.guest_version == row.claim_version
    )


def visit_of(connection: Connection, house: House, row: Found, opened: Opened) -> Visit | None:
    """Who has joined this chat, None for nobody."""
    guest = opened.state.guest
    if guest is None or not is_guest(row, guest.person):
        return None
    return Visit(guest.person, guest.alias, told(connection, house, opened))


def present(opened: Opened) -> Guest | None:
    """The guest of a live chat as its state says, None for none."""
    guest = opened.state.guest
    here = opened.stage is Stage.LIVE and guest is not None and guest.claim == opened.state.claim
    return guest if here else None


def told(connection: Connection, house: House, opened: Opened) -> bool:
    """Whether the announcement reached the screen that is before her now; never while it is held.

    A page says what it shows; a messenger that took a message has shown it.
    """
    guest = opened.state.guest
    if guest is None or not guest.entry:
        return False
    state = connection.execute(
        select(t.outbox.c.state).where(t.outbox.c.id == guest.entry, t.outbox.c.conversation == opened.id)
    ).scalar_one_or_none()
    caps = house.channels.get(opened.channel)
    taken = state == DeliveryState.SENT.value and not (caps is None or caps.confirms_delivery)
    return taken or state == DeliveryState.DELIVERED.value


def announce(talk: Talk, guest: Guest) -> None:
    """Tell her by name who reads and writes from now on; kept for her where nothing may be posted now."""
    guest.from_inbox, guest.from_sequence = queueing.latest_inbox(talk) + 1, talk.opened.next_sequence
    guest.entry = speech.tell(
        talk, "word.supervisor_joined", values={"alias": guest.alias}, purpose=Purpose.OUTCOME
    )


def take_back(talk: Talk, guest: Guest) -> None:
    """The guest has gone before she was told: she need not hear of it."""
    unsent = [DeliveryState.HELD.value, DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value]
    mine = (t.outbox.c.id == guest.entry) & t.outbox.c.state.in_(unsent)
    gone = {"state": DeliveryState.CANCELLED.value, "body_sealed": None}
    talk.connection.execute(update(t.outbox).where(mine).values(gone))


def page_opened(talk: Talk) -> None:
    """Her screen is empty now: she is told anew, after the safe check, before anything more is read."""
    if talk.opened.state.guest is not None:
        talk.opened.state.guest.entry = ""


def after_her_act(talk: Talk, *, knew: bool) -> None:
    """What she did before she knew of the guest is not the guest's; and she is told as soon as it is safe."""
    guest = present(talk.opened)
    if guest is None or knew:
        return
    if talk.checked and not guest.entry:
        announce(talk, guest)
    guest.from_inbox, guest.from_sequence = (
        queueing.latest_inbox(talk) + 1,
        max(guest.from_sequence, _shown_from(talk)),
    )


def knows(talk: Talk) -> bool:
    """Whether she knew of everybody who reads here when she acted."""
    return present(talk.opened) is None or told(talk.connection, talk.house, talk.opened)


def _shown_from(talk: Talk) -> int:
    """The announcement itself is the first line a guest reads, wherever it stands in the order now."""
    guest = talk.opened.state.guest
    written = next(
        (row for row in talk.writes.outbox if guest is not None and row["id"] == guest.entry), None
    )
    if written is not None:
        return int(written["sequence"])
    query = select(t.outbox.c.sequence).where(t.outbox.c.id == (guest.entry if guest is not None else ""))
    return talk.connection.execute(query).scalar_one_or_none() or talk.opened.next_sequence
