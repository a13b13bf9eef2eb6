"""A desk closed until a moment, whoever is planned: hours, waits and callbacks follow the rota (PR11).

Nobody is on duty while it holds, so a woman is told when the line opens again, and whoever waits already is
told at once, inside her window. Chats that are open go on. Reopening ends it from that moment on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.services import audit, rota_plans, rota_records
from bot.services.house import House
from bot.services.locking import lock_rota
from bot.services.looking_again import look_again
from bot.store import requests
from bot.store.moments import to_moment
from handoff.rota.changes import Change, Close, Undo, active
from handoff.rota.pattern import Rota
from handoff.rota.preview import preview

LONGEST: Final = timedelta(days=92)
"""Whoever closes for longer plans a rota without shifts."""

READ_BY_THEN: Final = timedelta(seconds=5)
"""Every process has read a change of the rota after this time: then the queue is decided anew."""


class NotAClosure(ValueError):
    """A time the desk cannot be closed for; the text says why."""


@dataclass(frozen=True, slots=True)
class Closure:
    """The desk is closed from `since` to `until`; `seq` is the change that says so, `by` who made it."""

    seq: int
    since: datetime
    until: datetime
    by: str


def standing(rota: Rota, now: datetime) -> tuple[Closure, ...]:
    """Closures that hold now or lie ahead, in order."""
    by_seq = {change.seq: change for change in rota.changes}
    found = [
        Closure(one.seq, max(one.act.start, one.spans[0][0]), one.act.end, by_seq[one.seq].approved_by or "")
        for one in active(rota.changes)
        if isinstance(one.act, Close) and one.act.end > now and one.spans[-1][1] > now
    ]
    return tuple(sorted(found, key=lambda one: (one.since, one.seq)))


def close(
    connection: Connection,
    house: House,
    desk: str,
    until: datetime,
    by: str,
    now: datetime,
    since: datetime | None = None,
) -> Change:
    """Close the desk until then: at once, or from `since` on. Raises NotAClosure, NotAllowed, NoRota.

    A closure that already holds at its beginning is replaced: the desk opens when this one says.
    """
    rota_plans.demand_edit(connection, by, desk)
    begins = now if since is None else since
    if begins < now:
        raise NotAClosure("It cannot be closed for a time that is over.")
    if until <= begins:
        raise NotAClosure("Say until when, after the moment it closes.")
    if until - begins > LONGEST:
        raise NotAClosure(f"At most {LONGEST.days} days; for longer, publish a rota without shifts.")
    lock_rota(connection, desk)
    rota = rota_plans.plan_of(connection, house, desk, now).before.rota
    for one in standing(rota, now):
        if one.since <= begins < one.until:
            rota_records.append(connection, house.vault, desk, Undo(one.seq), now, by=by)
    made = rota_records.append(connection, house.vault, desk, Close(begins, until), now, by=by)
    _tell(connection, house, desk, rota, f"close:{made.seq}", by, now)
    return made


def reopen(
    connection: Connection, house: House, desk: str, by: str, now: datetime, seq: int | None = None
) -> tuple[Closure, ...]:
    """Open the desk again, from now on; or take back the one closure with this number.

    Without a number every closure that holds now ends; one that lies ahead stays. Raises NotAClosure,
    NotAllowed, NoRota.
    """
    rota_plans.demand_edit(connection, by, desk)
    rota = rota_plans.plan_of(connection, house, desk, now).before.rota
    gone = tuple(one for one in standing(rota, now) if (one.since <= now if seq is None else one.seq == seq))
    if not gone:
        raise NotAClosure(
            "The desk is not closed." if seq is None else "This closure does not hold any more."
        )
    for one in gone:
        rota_records.append(connection, house.vault, desk, Undo(one.seq), now, by=by)
    _tell(connection, house, desk, rota, f"reopen:{gone[-1].seq}", by, now)
    return gone


def _tell(
    connection: Connection, house: House, desk: str, before: Rota, about: str, by: str, now: datetime
) -> None:
    """Every process, the queue, the audit, and whoever is or is no longer on duty by it."""
    requests.bump(connection)
    look_again(connection, to_moment(now + READ_BY_THEN), desk)
    verb = about.partition(":")[0]
    audit.record(connection, house.vault, by, verb, "rota", (desk,), to_moment(now))
    after = rota_plans.plan_of(connection, house, desk, now).before.rota
    differences = preview(before, after, now, now + LONGEST)
    rota_plans.tell_those(connection, house, differences, f"{desk}:{about}", by, now)
