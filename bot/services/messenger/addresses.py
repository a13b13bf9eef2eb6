"""Which messenger belongs to which person: linked by a one-time code she reads in the console.

A code has 40 bits, lives ten minutes and works once; five wrong ones from one address and that address is
not listened to for as long. What is stored of an address is sealed, or a blind index (PR6).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from bot.model import AddressState, ChatState
from bot.services import audit
from bot.services.house import House
from bot.services.messenger.posts import UNSENT
from bot.store import staff_tables as s, tables as t
from bot.store.moments import hour_down
from bot.vault.envelope import Place, open_sealed, seal
from channels.message import Address, DeliveryState

CODE_LIVES: Final = timedelta(minutes=10) // timedelta(microseconds=1)
MOST_TRIES: Final = 5
CODE_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 that nobody mistakes for another
CODE_LENGTH: Final = 8


class Linking(StrEnum):
    """What became of a code."""

    LINKED = "linked"
    WRONG = "wrong"
    RESTING = "resting"  # too many wrong ones: not looked at


@dataclass(frozen=True, slots=True)
class StaffAddress:
    """One linked address."""

    id: str
    person: str
    channel: str
    state: AddressState
    linked_at: int


def new_code(connection: Connection, house: House, person: str, now: int) -> str:
    """A fresh code for `person`, shown as "ABCD-EFGH"; her earlier ones end."""
    letters = "".join(house.identifiers.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    connection.execute(
        delete(s.staff_code).where((s.staff_code.c.person == person) | (s.staff_code.c.expires_at <= now))
    )
    connection.execute(
        insert(s.staff_code).values(
            code_index=_code_index(house, letters), person=person, expires_at=now + CODE_LIVES
        )
    )
    return f"{letters[:4]}-{letters[4:]}"


def link(connection: Connection, house: House, address: Address, typed: str, now: int) -> Linking:
    """Give an address to the person whose code this is. An address is one person's: the latest link holds."""
    index = address_index(house, address)
    if resting(connection, address.channel, index, now):
        return Linking.RESTING
    code = "".join(sign for sign in typed.upper() if sign.isalnum())
    row = connection.execute(
        delete(s.staff_code)
        .where(s.staff_code.c.code_index == _code_index(house, code), s.staff_code.c.expires_at > now)
        .returning(s.staff_code.c.person)
    ).first()
    if row is None or not _may_sign_in(connection, row.person):
        count_try(connection, address.channel, index, now)
        return Linking.WRONG
    _keep(connection, house, address, index, row.person, now)
    audit.record(connection, house.vault, row.person, "link", row.person, (address.channel,), now)
    return Linking.LINKED


def unlink(
    connection: Connection, house: House, person: str, address: str, now: int, by: str | None = None
) -> bool:
    """Take an address from its person, at once; whether there was one. `by` does it, None for herself."""
    done = connection.execute(
        update(s.staff_address)
        .where(s.staff_address.c.id == address, s.staff_address.c.person == person)
        .values(state=AddressState.UNLINKED.value)
    ).rowcount
    if done:
        audit.record(connection, house.vault, by or person, "unlink", person, (), now)
    return bool(done)


def linked(connection: Connection, person: str) -> tuple[StaffAddress, ...]:
    """The addresses of a person that were not unlinked, oldest first."""
    row = s.staff_address.c
    found = connection.execute(
        select(s.staff_address)
        .where(row.person == person, row.state != AddressState.UNLINKED.value)
        .order_by(row.linked_at, row.id)
    )
    return tuple(
        StaffAddress(one.id, one.person, one.channel, AddressState(one.state), one.linked_at) for one in found
    )


def owner(connection: Connection, house: House, address: Address) -> StaffAddress | None:
    """Whose address this is; None for a stranger, and for someone who is shut out."""
    row = s.staff_address.c
    one = connection.execute(
        select(s.staff_address).where(
            row.channel == address.channel,
            row.address_index == address_index(house, address),
            row.state != AddressState.UNLINKED.value,
        )
    ).one_or_none()
    if one is None or not _may_sign_in(connection, one.person):
        return None
    if one.state == AddressState.BLOCKED.value:  # she writes: so she has let us in again
        connection.execute(
            update(s.staff_address).where(row.id == one.id).values(state=AddressState.LINKED.value)
        )
    return StaffAddress(one.id, one.person, one.channel, AddressState.LINKED, one.linked_at)


def note_blocked(connection: Connection, addresses: list[str]) -> None:
    """The network refuses these for good: nothing more is tried until she writes."""
    post = s.staff_post.c
    connection.execute(
        update(s.staff_post)
        .where(
            post.address.in_(addresses),
            post.state.in_([DeliveryState.PENDING.value, DeliveryState.FAILED_FOR_NOW.value]),
        )
        .values(state=DeliveryState.FAILED_FOR_GOOD.value, body_sealed=None)
    )
    connection.execute(
        update(s.staff_address)
        .where(s.staff_address.c.id.in_(addresses), s.staff_address.c.state == AddressState.LINKED.value)
        .values(state=AddressState.BLOCKED.value)
    )


def forget_expired(connection: Connection, now: int) -> None:
    """Codes and wrong tries whose time is over."""
    connection.execute(delete(s.staff_code).where(s.staff_code.c.expires_at <= now))
    connection.execute(delete(s.staff_try).where(s.staff_try.c.expires_at <= now))


def address_index(house: House, address: Address) -> bytes:
    """How an address is looked up without being stored."""
    return house.vault.organisation_index("staff-address", f"{address.channel}\0{address.handle}")


def address_place(address: str) -> Place:
    """Where a linked address is sealed."""
    return Place("staff_address", "address_sealed", address)


def handle_of(house: House, address: str, sealed: bytes) -> str:
    """The handle of a linked address, for the wire alone."""
    return open_sealed(house.vault.organisation, address_place(address), sealed).decode()


def _keep(
    connection: Connection, house: House, address: Address, index: bytes, person: str, now: int
) -> None:
    row = s.staff_address.c
    known = connection.execute(
        select(row.id).where(row.channel == address.channel, row.address_index == index)
    ).scalar_one_or_none()
    if known is not None:
        _let_go(connection, known)
    identifier = known or house.identifiers.new_id()
    values = {
        "person": person,
        "address_sealed": seal(house.vault.organisation, address_place(identifier), address.handle.encode()),
        "state": AddressState.LINKED.value,
        "linked_at": hour_down(now),
    }
    if known is not None:
        connection.execute(update(s.staff_address).where(row.id == known).values(values))
    else:
        connection.execute(
            insert(s.staff_address).values(
                id=identifier, channel=address.channel, address_index=index, **values
            )
        )
    connection.execute(
        delete(s.staff_try).where(
            s.staff_try.c.channel == address.channel, s.staff_try.c.address_index == index
        )
    )


def _let_go(connection: Connection, address: str) -> None:
    """Whoever had it before: nothing of hers goes there any more, what stands there is taken away."""
    post = s.staff_post.c
    connection.execute(
        update(s.staff_post)
        .where(post.address == address, post.state.in_(UNSENT))
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
    )
    connection.execute(
        update(s.staff_chat).where(s.staff_chat.c.address == address).values(state=ChatState.ENDING.value)
    )


def _code_index(house: House, code: str) -> bytes:
    return house.vault.organisation_index("staff-code", code)


def _may_sign_in(connection: Connection, person: str) -> bool:
    state = connection.execute(select(t.person.c.state).where(t.person.c.id == person)).scalar_one_or_none()
    return state == "active"


def resting(connection: Connection, channel: str, index: bytes, now: int) -> bool:
    """Whether so many wrong codes came from there that none is looked at now."""
    tries = s.staff_try.c
    row = connection.execute(
        select(tries.tries, tries.expires_at).where(tries.channel == channel, tries.address_index == index)
    ).one_or_none()
    return row is not None and row.expires_at > now and row.tries >= MOST_TRIES


def count_try(connection: Connection, channel: str, index: bytes, now: int) -> None:
    """One more wrong code from there."""
    tries = s.staff_try.c
    mine = (tries.channel == channel) & (tries.address_index == index)
    row = connection.execute(select(tries.tries, tries.expires_at).where(mine)).one_or_none()
    if row is None:
        connection.execute(
            insert(s.staff_try).values(
                channel=channel, address_index=index, tries=1, expires_at=now + CODE_LIVES
            )
        )
    else:
        before = row.tries if row.expires_at > now else 0
        connection.execute(
            update(s.staff_try).where(mine).values(tries=before + 1, expires_at=now + CODE_LIVES)
        )
