"""Which chats stand on a volunteer's messenger, and which of them a message there means (PR8).

A chat is named by its topic or room, or by answering one of its lines; never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, insert, select

from bot.model import AddressState, ChatState
from bot.services.house import House
from bot.services.messenger.addresses import StaffAddress
from bot.services.messenger.posts import Where, open_remote
from bot.store import staff_tables as s, tables as t
from bot.vault.envelope import Place, open_sealed, seal
from handoff.model import HandoffState

OPENING: Final = "opening"  # its place is being made
PLACE: Final = "place"  # it has a topic or room of its own
REPLY: Final = "reply"  # its lines are answered one by one
Found = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat on a messenger, with the claim it stands for."""

    id: str
    handoff: str
    version: int
    person: str
    where: Where
    mode: str


def begin(connection: Connection, house: House, address: StaffAddress, handoff: str, version: int) -> None:
    """She accepted here: from now on the chat is shown here. Where there are places, one is made first."""
    places = house.staff_channels[address.channel].places
    connection.execute(
        insert(s.staff_chat).values(
            id=house.identifiers.new_id(),
            handoff=handoff,
            claim_version=version,
            address=address.id,
            state=ChatState.OPEN.value,
            mode=OPENING if places else REPLY,
            seen_version=-1,
        )
    )


def holds_one_without_place(connection: Connection, address: str) -> bool:
    """Whether a chat stands here without a place of its own: then it is the only one she holds here."""
    return any(row.mode == REPLY for row in open_rows(connection, address))


def of_place(connection: Connection, house: House, address: str, place: str) -> Chat | None:
    """The open chat whose topic or room this is."""
    found = (row for row in open_rows(connection, address) if row.place_sealed is not None)
    return next((chat_of(row) for row in found if open_place(house, row.id, row.place_sealed) == place), None)


def of_reply(connection: Connection, house: House, address: str, remote: str) -> Chat | None:
    """The open chat one of whose lines is answered."""
    rows = {row.id: row for row in open_rows(connection, address)}
    post = s.staff_post.c
    posted = connection.execute(
        select(post.id, post.chat, post.remote_sealed).where(
            post.address == address, post.chat.in_(list(rows)), post.remote_sealed.is_not(None)
        )
    )
    return next((chat_of(rows[one.chat]) for one in posted if open_remote(house, one) == remote), None)


def of_handoff(connection: Connection, address: str, handoff: str) -> Chat | None:
    """The open chat a tap names."""
    return next((chat_of(row) for row in open_rows(connection, address) if row.handoff == handoff), None)


def only_one(connection: Connection, address: str) -> Chat | None:
    """The chat of this messenger where there is just one: for commands, never for words to her."""
    rows = open_rows(connection, address)
    return chat_of(rows[0]) if len(rows) == 1 else None


def of_channel(connection: Connection, channel: str) -> Sequence[Found]:
    """Every chat of a channel beside what the database says of its hand-off."""
    return connection.execute(
        _rows()
        .where(s.staff_chat.c.address == s.staff_address.c.id)
        .where(s.staff_address.c.channel == channel)
        .order_by(s.staff_chat.c.id)
    ).all()


def still_hers(row: Found) -> bool:
    """Whether the claim the chat stands for still holds."""
    visits = row.guest == row.person and row.guest_version == row.claim_version
    return (
        row.state == ChatState.OPEN.value
        and row.address_state == AddressState.LINKED.value
        and row.handoff_state == HandoffState.ACTIVE.value
        and row.current_version == row.claim_version
        and (row.holder == row.person or visits)
    )


def is_visit(connection: Connection, chat: Chat) -> bool:
    """Whether the one it stands with has joined it, and does not hold it."""
    holder = select(t.handoff.c.person).where(t.handoff.c.id == chat.handoff)
    return connection.execute(holder).scalar_one_or_none() != chat.person


def chat_of(row: Found) -> Chat:
    """The chat of a row."""
    where = Where(row.address, row.channel, row.id)
    return Chat(row.id, row.handoff, row.claim_version, row.person, where, row.mode)


def seal_place(house: House, chat: str, place: str) -> bytes:
    """The network's id of a topic or room, for the row of `chat`."""
    return seal(house.vault.organisation, Place("staff_chat", "place_sealed", chat), place.encode())


def open_place(house: House, chat: str, sealed: bytes) -> str:
    """The inverse of `seal_place`."""
    return open_sealed(house.vault.organisation, Place("staff_chat", "place_sealed", chat), sealed).decode()


def open_rows(connection: Connection, address: str) -> list[Found]:
    """Every open chat of an address, with what the database says of it."""
    found = connection.execute(_rows().where(s.staff_chat.c.address == address)).all()
    return [row for row in found if still_hers(row)]


def _rows() -> Select[*tuple[Any, ...]]:
    chat, owner, talk = s.staff_chat.c, s.staff_address.c, t.handoff.c
    return (
        select(
            s.staff_chat,
            owner.person,
            owner.channel,
            owner.state.label("address_state"),
            talk.state.label("handoff_state"),
            talk.claim_version.label("current_version"),
            talk.person.label("holder"),
            talk.guest,
            talk.guest_version,
            talk.conversation,
            t.conversation.c.version,
            t.conversation.c.channel.label("her_channel"),
        )
        .join(s.staff_address, owner.id == chat.address)
        .outerjoin(t.handoff, talk.id == chat.handoff)
        .outerjoin(t.conversation, t.conversation.c.id == talk.conversation)
    )
