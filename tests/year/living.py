"""Living a number of days of the year: `./dev faults year` does it in full, the tests for two weeks."""

import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.year.house import make_year
from tests.year.life import A_DAY, Year
from tests.year.rota_days import RotaDays
from tests.year.telling import Found, found

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


async def live(
    folder: Path, seed: int, days: int, start: datetime = NEW_YEAR, seconds: float = 1e9, a_day: int = A_DAY
) -> Found:
    """Live so many days from `start`, or as many as `seconds` of this machine's time allow."""
    dice, began = Random(seed), time.monotonic()
    town = make_year(folder / "year", start)
    days_of = RotaDays(town, dice, town.prepare(dice))
    year, lived = Year(town, dice, days_of, a_day), 0
    while lived < days and time.monotonic() - began < seconds:
        await year.run(1)
        lived += 1
    told = found(year, lived)
    town.lasting.close()
    town.closes()
    return told
