"""Whose clock a moment is told by: hers where she has named a zone, else the desk's."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.services import hours, people
from bot.services.house import House
from bot.store.moments import from_moment


def own_zone(connection: Connection, house: House, person: str, now: int) -> ZoneInfo:
    """The zone somebody reads times in. Raises `UnknownPerson`."""
    zone = hours.desk_zone(house)
    profile = people.get(connection, house, person).profile
    return profile.zone_on(from_moment(now).astimezone(zone).date(), zone)
