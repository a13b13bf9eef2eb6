"""Ringing a person who is not looking: an answer is owed, somebody waits, a supervisor is needed.

What rings says nothing of anyone: it opens the console (design §5). It is not sent late.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Row, select

from bot.model import AddressState
from bot.services.house import House
from bot.services.messenger.posts import Post, PostBody, PostPurpose, Where, post, take_away
from bot.services.messenger.surfaces import shows_words
from bot.services.messenger.words import staff_words
from bot.services.zones import own_zone
from bot.store import staff_tables as s, tables as t
from bot.store.moments import from_moment
from channels.message import DeliveryState
from handoff.commands import Where as Lists, shown
from handoff.rota.clock_face import day_and_clock

RINGS_FOR: Final = timedelta(minutes=10) // timedelta(microseconds=1)
STANDS_FOR: Final = timedelta(hours=12) // timedelta(microseconds=1)
"""How late a notice may still arrive: a phone that was off is told when it is on again."""


class Call(StrEnum):
    """Why somebody is rung."""

    NUDGE = "nudge"  # the last word of a chat she holds is hers who writes
    SHIFT_ENDS = "shift_ends"  # her shift draws to its end, and she holds a chat
    CALLBACK = "callback"  # a callback is due: somebody on duty is to be ready for her
    SUPERVISOR = "supervisor"  # a rung of a call was reached (`handoff.calls`)
    ROTA = "rota"  # something about shifts waits to be looked at
    REMINDER = "reminder"  # a shift of hers comes
    EXPECTED = "expected"  # it has begun, and she has not come
    COVER = "cover"  # can she step in for somebody?


LIST_OF: Final = {
    Call.ROTA: Lists.ROTA,
    Call.REMINDER: Lists.REMINDER,
    Call.EXPECTED: Lists.REMINDER,
    Call.COVER: Lists.STEPPING_IN,
}
"""Which commands stand below which notice."""


def ring(
    connection: Connection,
    house: House,
    call: Call,
    people_rung: Iterable[str],
    about: str,
    now: int,
    *,
    joins: str = "",
) -> int:
    """Ring these people on every messenger they linked, once; returns how many rings were written.

    `about` tells one call from another of its kind; it is not shown. `joins` is a chat under way that whoever
    is rung may join by a tap, where words may stand on her messenger.
    """
    subject = f"{call.value}:{about}"
    rows = _not_told(connection, PostPurpose.CALL, subject, people_rung)
    for row in rows:
        words = staff_words(connection, house, row.person)
        link = console_link(house, words("staff.open"))
        body = PostBody(
            words(f"staff.call_{call.value}"), _join(connection, house, row.channel, joins, words), link=link
        )
        what = Post(
            Where(row.id, row.channel), PostPurpose.CALL, body, subject,
            sounding=True, not_after=now + RINGS_FOR,
        )  # fmt: skip
        post(connection, house, what, now)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about shifts that is told.

    Attributes:
        call: which words.
        about: tells one notice from another of its kind; it is not shown.
        subject: what its buttons are about, "" for what a messenger knows by itself.
        ends_at: when it is of no use any more, microseconds; None for `STANDS_FOR` from now.
        sounding: it may ring.
        at: a moment that is told with it, in her own time; None for none.
    """

    call: Call
    about: str
    subject: str = ""
    ends_at: int | None = None
    sounding: bool = False
    at: int | None = None


def notify(connection: Connection, house: House, notice: Notice, people_told: Iterable[str], now: int) -> int:
    """Tell these people on every messenger they linked, once; returns how many rows.

    It may arrive late, and stays for a day, on duty or not. As a ring it says nothing of anyone.
    """
    call, subject = notice.call, f"{notice.call.value}:{notice.about}"
    rows = _not_told(connection, PostPurpose.NOTICE, subject, people_told)
    ends = now + STANDS_FOR if notice.ends_at is None else notice.ends_at
    for row in rows:
        words = staff_words(connection, house, row.person)
        text = words(f"staff.call_{call.value}")
        if notice.at is not None:
            zone = own_zone(connection, house, row.person, now)
            text = text.format(time=day_and_clock(from_moment(notice.at), zone))
        link = console_link(house, words("staff.open"))
        choices = [[one.token, one.label, one.digit] for one in shown(LIST_OF[call], words, notice.subject)]
        what = Post(
            Where(row.id, row.channel), PostPurpose.NOTICE, PostBody(text, choices, link=link), subject,
            sounding=notice.sounding, not_after=ends,
        )  # fmt: skip
        post(connection, house, what, now)
    return len(rows)


def take_back(connection: Connection, house: House, subject: str, now: int) -> None:
    """What was told under this subject is over: it goes from every messenger."""
    row = s.staff_post.c
    told = select(s.staff_post).where(
        row.purpose == PostPurpose.NOTICE.value, row.subject == subject,
        row.state != DeliveryState.CANCELLED.value,
    )  # fmt: skip
    for one in connection.execute(told).all():
        take_away(connection, house, one, now)


def _not_told(
    connection: Connection, purpose: PostPurpose, subject: str, people_told: Iterable[str]
) -> Sequence[Row[str, str, str]]:
    """The linked addresses of these people to which this has not been posted."""
    owner, posted = s.staff_address.c, s.staff_post.c
    told = select(posted.id).where(
        posted.address == owner.id, posted.purpose == purpose.value, posted.subject == subject
    )
    return connection.execute(
        select(owner.id, owner.person, owner.channel).where(
            owner.person.in_(list(people_told)), owner.state == AddressState.LINKED.value, ~told.exists()
        )
    ).all()


def _join(
    connection: Connection, house: House, channel: str, handoff: str, words: Callable[[str], str]
) -> list[list[str]]:
    """The button by which a supervisor joins; it names nothing."""
    at = connection.execute(select(t.handoff.c.desk).where(t.handoff.c.id == handoff)).scalar_one_or_none()
    if at is None or not shows_words(house, channel, at):
        return []
    return [[one.token, one.label, one.digit] for one in shown(Lists.CALL, words, handoff)]


def console_link(house: House, label: str) -> list[str]:
    """The button that opens the console, none where it has no address of its own."""
    return [label, house.console_url] if house.console_url else []
