"""What stands on the volunteers' messengers is made to agree with the database, again and again.

Run before each claim of a channel: chats, offers, deliveries; and now and then what has stood long enough
is swept away. Nothing else posts of its own accord, so a crash between two commits leaves no gap.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, delete, select

from bot.model import NETWORK_DESK, AddressState
from bot.services import crew
from bot.services.house import House
from bot.services.locking import lock_messenger
from bot.services.messenger import addresses
from bot.services.messenger.posts import BUSY, PostPurpose, take_away
from bot.services.staff import offers, showing
from bot.store import staff_tables as s
from channels.message import DeliveryState

STANDS_AT_MOST: Final = timedelta(hours=24) // timedelta(microseconds=1)
AFTER_SHIFT: Final = timedelta(minutes=10) // timedelta(microseconds=1)
FORGOTTEN_AFTER: Final = timedelta(hours=48) // timedelta(microseconds=1)


def mirror(connection: Connection, house: House, channel: str, now: int) -> None:
    """Post, change and take away what has changed since the last look."""
    showing.refresh(connection, house, channel, now)
    showing.tell_trouble(connection, house, channel, now)
    offers.ring(connection, house, channel, now)


def sweep(connection: Connection, house: House, channel: str, now: int) -> None:
    """Take away what belongs to no chat, a while after her shift or a day after it came; forget the rest.

    What tells of her shifts stays for the day: it is meant for when she is not on duty.
    """
    lock_messenger(connection, channel)
    row, owner = s.staff_post.c, s.staff_address.c
    on_duty = _on_duty(connection, house, now)
    standing = connection.execute(
        select(s.staff_post, owner.person, owner.state.label("address_state"))
        .join(s.staff_address, owner.id == row.address)
        .where(
            row.channel == channel,
            row.chat.is_(None),
            row.purpose != PostPurpose.REMOVAL.value,
            row.remote_sealed.is_not(None),
            row.posted_at < now - AFTER_SHIFT,
        )
    ).all()
    for one in standing:
        old = one.posted_at < now - STANDS_AT_MOST or one.address_state == AddressState.UNLINKED.value
        if old or (one.person not in on_duty and one.purpose != PostPurpose.NOTICE.value):
            take_away(connection, house, one, now)
    connection.execute(
        delete(s.staff_post).where(
            row.channel == channel,
            row.chat.is_(None),
            row.remote_sealed.is_(None),
            row.state.not_in([*BUSY, DeliveryState.PENDING.value]),
            row.posted_at < now - AFTER_SHIFT,
        )
    )
    connection.execute(
        delete(s.staff_post).where(row.channel == channel, row.posted_at < now - FORGOTTEN_AFTER)
    )
    addresses.forget_expired(connection, now)


def _on_duty(connection: Connection, house: House, now: int) -> set[str]:
    """Everyone on duty anywhere."""
    desks = {NETWORK_DESK, house.desk, *house.library.boards}
    return {
        one.person for desk in sorted(desks) for one in crew.volunteers_on_duty(connection, house, desk, now)
    }
