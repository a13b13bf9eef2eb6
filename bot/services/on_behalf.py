"""A coordinator has others asked for somebody who cannot do it: an accident, no connection (rota.md §2)."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from bot.services import audit, cover_calls, people
from bot.services.as_recorded import as_recorded, held
from bot.services.house import House
from bot.services.permissions import Action, Thing, demand
from bot.store.moments import from_moment

AHEAD: Final = timedelta(days=92)


class NotHers(LookupError):
    """She does not have this shift, or it is over."""


def ask_around(
    connection: Connection,
    house: House,
    desk: str,
    alias: str,
    instance: str,
    by: str,
    now: int,
    *,
    ill: bool,
) -> str:
    """Have others asked, in waves, to have what is left of her shift; returns the call's id.

    `ill` takes it from her at once; else she has it until somebody says yes. Raises NotAllowed,
    UnknownPerson, NotHers.
    """
    demand(connection, by, Action.EDIT, Thing.ROTA, desk)
    person, at = people.find(connection, house, alias), from_moment(now)
    board = as_recorded(connection, house).library.boards.get(desk)
    duties = () if board is None else held(board.rota, alias, instance, (at, at + AHEAD))
    if not duties:
        raise NotHers(f"{alias} does not have this shift any more.")
    call = cover_calls.ask_around(connection, house, desk, person.id, duties[0], now, release=ill)
    audit.record(connection, house.vault, by, "ask_cover", person.id, (desk, call), now)
    return call
