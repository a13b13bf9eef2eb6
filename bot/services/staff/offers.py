"""Offers on a volunteer's messenger: a ring when one is made, taken away when it is over (design §5).

By default the ring says nothing and opens the console. Where words may stand there, it tells what an offer
tells anywhere: urgency, language, need, country; never text.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, select

from bot.model import AddressState
from bot.services import lobby
from bot.services.house import House
from bot.services.lobby import Asked
from bot.services.messenger.calls import console_link
from bot.services.messenger.posts import Post, PostBody, PostPurpose, Where, post, take_away
from bot.services.messenger.surfaces import shows_words
from bot.services.messenger.words import code_told, staff_words
from bot.services.staff import chats
from bot.store import staff_tables as s, tables as t
from handoff.commands import Where as Lists, shown
from handoff.model import HandoffState, OfferState

MINUTE: Final = 60_000_000  # microseconds
Found = Row[*tuple[Any, ...]]


def ring(connection: Connection, house: House, channel: str, now: int) -> None:
    """Post every offer that stands and was not rung yet; take away those that stand no more."""
    for row in connection.execute(_UNRUNG, {"b_channel": channel, "b_now": now}).all():
        where = Where(row.address, channel)
        body = _body(connection, house, row, now)
        ring_until = Post(
            where, PostPurpose.OFFER, body, subject=row.id, sounding=True, not_after=row.expires_at
        )
        post(connection, house, ring_until, now)
    for row in connection.execute(_OVER, {"b_channel": channel, "b_now": now}).all():
        take_away(connection, house, row, now)


def _body(connection: Connection, house: House, row: Found, now: int) -> PostBody:
    words = staff_words(connection, house, row.person)
    if shows_words(house, row.channel, row.desk) and not chats.holds_one_without_place(
        connection, row.address
    ):
        asked = _asked(connection, house, row, now)
        if asked is not None:
            commands = shown(Lists.OFFER, words, row.handoff)
            return PostBody(_told(asked, words, now), [[one.token, one.label, one.digit] for one in commands])
    return PostBody(words("staff.ping"), link=console_link(house, words("staff.open")))


def _asked(connection: Connection, house: House, row: Found, now: int) -> Asked | None:
    offers = lobby.queue_for(connection, house, row.person, now).offers
    return next((one for one in offers if one.handoff == row.handoff), None)


def _told(asked: Asked, words: Callable[[str], str], now: int) -> str:
    return words("staff.offer").format(
        name=asked.name,
        urgency=code_told(words, "urgency", asked.urgency),
        need=code_told(words, "need", asked.need),
        language=asked.language,
        country=asked.country or words("staff.country_none"),
        minutes=max(0, now - asked.queued_at) // MINUTE,
    )


def _unrung() -> Select[*tuple[Any, ...]]:
    offer, owner, chat, posted = t.offer.c, s.staff_address.c, t.handoff.c, s.staff_post.c
    known = select(posted.id).where(
        posted.address == owner.id, posted.purpose == PostPurpose.OFFER.value, posted.subject == offer.id
    )
    return (
        select(
            offer.id, offer.handoff, offer.person, offer.expires_at, owner.id.label("address"),
            owner.channel, chat.desk,
        )
        .join(t.handoff, chat.id == offer.handoff)
        .join(s.staff_address, owner.person == offer.person)
        .where(
            owner.channel == bindparam("b_channel"),
            owner.state == AddressState.LINKED.value,
            offer.state == OfferState.PENDING.value,
            offer.expires_at > bindparam("b_now"),
            chat.state == HandoffState.WAITING.value,
            ~known.exists(),
        )
        .order_by(offer.offered_at, offer.id)
    )  # fmt: skip


def _over() -> Select[*tuple[Any, ...]]:
    offer, posted = t.offer.c, s.staff_post.c
    stands = select(offer.id).where(
        offer.id == posted.subject,
        offer.state == OfferState.PENDING.value,
        offer.expires_at > bindparam("b_now"),
    )
    return select(s.staff_post).where(
        posted.channel == bindparam("b_channel"),
        posted.purpose == PostPurpose.OFFER.value,
        posted.body_sealed.is_not(None),
        ~stands.exists(),
    )


_UNRUNG, _OVER = _unrung(), _over()
