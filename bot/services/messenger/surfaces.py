"""Which messenger is which surface, and what may stand there (design §5)."""

from typing import Final

from bot.matrix_settings import STAFF
from bot.services.house import House
from handoff.desks import StaffSurface

TELEGRAM: Final = "telegram-staff"
MATRIX: Final = STAFF
SURFACE_OF: Final = {TELEGRAM: StaffSurface.TELEGRAM, MATRIX: StaffSurface.MATRIX}
"""Channel names of the second bot and of the rooms of the organisation's own homeserver."""
NAME_OF: Final = {
    TELEGRAM: "the organisation's bot on Telegram",
    MATRIX: "the organisation's account on Matrix",
}


def shows_words(house: House, channel: str, desk: str) -> bool:
    """Whether words of hers who writes to `desk` may stand on this messenger."""
    known = house.library.desks.get(desk)
    surface = SURFACE_OF.get(channel)
    return known is not None and surface is not None and known.shows_words(surface)
