"""Ringing a person who is not looking: an answer is owed, somebody waits, a supervisor is needed.

What rings says nothing of anyone: it opens the console (design §5). It is not sent late.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from bot.model import AddressState
from bot.services.house import House
from bot.services.messenger.posts import Post, PostBody, PostPurpose, Where, post
from bot.services.messenger.surfaces import shows_words
from bot.services.messenger.words import staff_words
from bot.store import staff_tables as s, tables as t
from handoff.commands import Where as Lists, shown

RINGS_FOR: Final = timedelta(minutes=10) // timedelta(microseconds=1)


class Call(StrEnum):
    """Why somebody is rung."""

    NUDGE = "nudge"  # the last word of a chat she holds is hers who writes
    SHIFT_ENDS = "shift_ends"  # her shift draws to its end, and she holds a chat
    CALLBACK = "callback"  # a callback is due: somebody on duty is to be ready for her
    SUPERVISOR = "supervisor"  # a rung of a call was reached (`handoff.calls`)


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
    subject, owner, posted = f"{call.value}:{about}", s.staff_address.c, s.staff_post.c
    rung = select(posted.id).where(
        posted.address == owner.id, posted.purpose == PostPurpose.CALL.value, posted.subject == subject
    )
    rows = connection.execute(
        select(owner.id, owner.person, owner.channel).where(
            owner.person.in_(list(people_rung)), owner.state == AddressState.LINKED.value, ~rung.exists()
        )
    ).all()
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
