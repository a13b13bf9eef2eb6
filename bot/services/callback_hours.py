"""Hours in which a callback could be promised: read off the same duty as everything else (PR11)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from bot.services import people
from bot.services.house import House
from bot.store.callback_table import callback
from bot.store.moments import to_moment
from handoff.callbacks import AHEAD, EACH, MOST, Hours, Span, hours_to_offer
from handoff.languages import FIRST_LANGUAGE, speaks
from handoff.model import Duty


def free_hours(
    connection: Connection, house: House, desk: str, language: str, now: datetime
) -> tuple[Hours, ...]:
    """Hours of the coming week to offer to who reads `language`; () where nothing can be promised."""
    found = hours_to_offer(answered(connection, house, desk, language, now), now, zone_of(house, desk))
    return tuple(hours for hours in found if promised_in(connection, desk, hours) < EACH)[:MOST]


def answered(connection: Connection, house: House, desk: str, language: str, now: datetime) -> list[Span]:
    """When somebody who is one of us now and speaks the language well enough answers as primary."""
    board = house.library.boards.get(desk)
    if board is None:
        return []
    planned = board.planned_between(now, now + AHEAD)
    known = people.called(connection, house, {duty.volunteer for duty in planned})
    level = house.library.staffing_of(desk).escalation.policy.language_level

    def serves(duty: Duty) -> bool:
        person = known.get(duty.volunteer.casefold())
        if person is None or person.state != "active":
            return False
        levels = person.profile.levels
        languages = {tag: levels.get(tag, FIRST_LANGUAGE) for tag in duty.offers.languages} or levels
        return speaks(languages, language, level)

    return board.answered_between(now, now + AHEAD, serves)


def promised_in(connection: Connection, desk: str, hours: Hours) -> int:
    """How many callbacks are promised at the desk in hours that meet these."""
    row = callback.c
    start, end = to_moment(hours.start), to_moment(hours.end)
    query = select(func.count()).where(row.desk == desk, row.starts_at < end, row.ends_at > start)
    return connection.execute(query).scalar_one()


def zone_of(house: House, desk: str) -> ZoneInfo:
    """The desk's clock, by which hours are told to her."""
    known = house.library.desks.get(desk)
    return ZoneInfo(known.zone if known else "UTC")
