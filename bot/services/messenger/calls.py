"""Ringing a person who is not looking: an answer is owed, somebody waits, a supervisor is needed.

What rings says nothing of anyone: it opens the console (design §5). It is not sent late.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from bot.model import AddressState
from bot.services.house import House
from bot.services.messenger.posts import Post, PostBody, PostPurpose, Where, post
from bot.services.messenger.words import staff_words
from bot.store import staff_tables as s

RINGS_FOR: Final = timedelta(minutes=10) // timedelta(microseconds=1)


class Call(StrEnum):
    """Why somebody is rung."""

    NUDGE = "nudge"  # the last word of a chat she holds is hers who writes
    SUPERVISOR = "supervisor"  # a rung of a call was reached (`handoff.calls`)


def ring(
    connection: Connection, house: House, call: Call, people_rung: Iterable[str], about: str, now: int
) -> int:
    """Ring these people on every messenger they linked, once; returns how many rings were written.

    `about` tells one call from another of its kind; it is not shown.
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
        body = PostBody(words(f"staff.call_{call.value}"), link=console_link(house, words("staff.open")))
        what = Post(
            Where(row.id, row.channel), PostPurpose.CALL, body, subject,
            sounding=True, not_after=now + RINGS_FOR,
        )  # fmt: skip
        post(connection, house, what, now)
    return len(rows)


def console_link(house: House, label: str) -> list[str]:
    """The button that opens the console, none where it has no address of its own."""
    return [label, house.console_url] if house.console_url else []
