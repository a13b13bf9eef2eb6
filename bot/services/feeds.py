"""Calendar links: secret, revocable, and telling a volunteer's calendar when she is busy, nothing else.

Of a link only the hash of its token is stored. What was told last is kept sealed, so that what is gone can
be told as cancelled.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.services import people
from bot.services.house import House
from bot.services.permissions import Action, Thing, rights_of
from bot.store import rota_tables as r
from bot.store.moments import to_moment
from bot.vault.digests import token_hash
from bot.vault.envelope import Place, open_sealed, seal
from handoff.model import Duty
from handoff.rota.ical.feed import (
    Entry,
    brought_up_to_date,
    entries_now,
    etag,
    feed_text,
    from_plain,
    to_plain,
    window,
)
from handoff.rota.planning import horizon
from handoff.rota.questions import whole_duties

SUMMARY: Final = "Busy"
"""All that a calendar shows of a shift: whoever sees it on a shared phone learns nothing."""

NAME: Final = "Calendar"


class NoSharedFeed(ValueError):
    """The desk's rota does not allow a link with everybody's shifts."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a feed answers; `kept` is what to keep of it, None where that is kept already."""

    text: str
    etag: str
    kept: bytes | None = None
    before: bytes | None = None


def make_link(connection: Connection, house: House, person: str, desk: str | None, now: datetime) -> str:
    """A new link's token: to the person's own shifts, or to everybody's at a desk; an earlier one ends.

    Raises NoSharedFeed.
    """
    if desk is not None and not _shared(house, desk):
        raise NoSharedFeed(
            f"Desk {desk} gives out no link with everybody's shifts. If it should, write "
            "`shared_feed: true` in its rota.yaml and import it: aliases will lie in other calendars."
        )
    token = house.identifiers.token()
    same = (r.feed.c.person == person) & (r.feed.c.desk.is_(None) if desk is None else r.feed.c.desk == desk)
    connection.execute(delete(r.feed).where(same))
    connection.execute(
        insert(r.feed).values(token_hash=token_hash(token), person=person, desk=desk, made_at=to_moment(now))
    )
    return token


def revoke(connection: Connection, person: str) -> int:
    """End every calendar link of a person at once; returns how many there were."""
    return connection.execute(delete(r.feed).where(r.feed.c.person == person)).rowcount


def look(connection: Connection, house: House, token: str, now: datetime) -> Told | None:
    """What the link's calendar is told now; None for a link that is unknown, revoked or no longer allowed."""
    row = connection.execute(select(r.feed).where(r.feed.c.token_hash == token_hash(token))).one_or_none()
    if row is None or not _allowed(connection, house, row):
        return None
    moment = now.replace(microsecond=0)
    place = _place(row.token_hash)
    known: dict[str, Entry] = {}
    if row.told_sealed is not None:
        known = from_plain(json.loads(open_sealed(house.vault.organisation, place, row.told_sealed)))
    key = house.vault.organisation_index("feed-entry", "key")
    duties = list(_duties(connection, house, row, moment))
    shown = {duty.volunteer: SUMMARY if row.desk is None else duty.volunteer for _, duty in duties}
    told = brought_up_to_date(known, entries_now(duties, key, shown, moment), moment)
    text = feed_text(told.values(), NAME)
    if told == known:
        return Told(text, etag(text))
    plain = json.dumps(to_plain(told.values())).encode()
    return Told(text, etag(text), seal(house.vault.organisation, place, plain), row.told_sealed)


def keep(connection: Connection, token: str, told: Told) -> None:
    """Keep that this was told, unless the link was told something else meanwhile."""
    before = r.feed.c.told_sealed
    unchanged = before.is_(None) if told.before is None else before == told.before
    mine = r.feed.c.token_hash == token_hash(token)
    connection.execute(update(r.feed).where(mine & unchanged).values(told_sealed=told.kept))


def _duties(connection: Connection, house: House, row: Row[Any], now: datetime) -> Iterable[tuple[str, Duty]]:
    """Her own shifts at every desk, or everybody's at one; whole ones, as far as they are published."""
    alias = people.alias_of(connection, house, row.person).casefold()
    since, until = window(now)
    for desk, board in sorted(house.library.boards.items()):
        if row.desk not in {None, desk}:
            continue
        ends = horizon(board.rota, now)
        for duty in whole_duties(board.rota, since, until if ends is None else min(until, ends)):
            hers = duty.volunteer.casefold() == alias
            if (row.desk is not None or hers) and (ends is None or duty.start < ends):
                yield desk, duty


def _allowed(connection: Connection, house: House, row: Row[Any]) -> bool:
    rights = rights_of(connection, row.person)  # none for somebody who is not active
    if row.desk is None:
        return bool(rights.granted)  # a trainee has shifts of her own, too
    return _shared(house, row.desk) and rights.may(Action.VIEW, Thing.ROTA, row.desk)


def _shared(house: House, desk: str) -> bool:
    board = house.library.boards.get(desk)
    return board is not None and board.rota.shared_feed


def _place(hashed: bytes) -> Place:
    return Place("feed", "told_sealed", hashed.hex())
