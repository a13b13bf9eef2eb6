"""CPU seconds of the pure rota, for 200 volunteers: a year of duty and coverage, and what is asked often."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from time import process_time

from handoff.model import Offered, Tier
from handoff.rota.changes import Change, Replace, Stretch
from handoff.rota.coverage import gaps
from handoff.rota.demand import DemandWindow
from handoff.rota.ical.reading import read_calendar
from handoff.rota.pattern import CalendarPattern, Rota, ShiftPattern, Timing
from handoff.rota.questions import on_duty, whole_duties
from handoff.rota.resolve import final_duty
from handoff.rota.zones import zone_named

TIERS = (Tier.PRIMARY, Tier.PRIMARY, Tier.PRIMARY, Tier.BACKUP, Tier.SUPERVISOR)
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
EVERY_DAY = frozenset(range(7))


def figures() -> list[tuple[str, int, float]]:
    """What was measured: name, duties it is about, CPU seconds (best of three)."""
    found: list[tuple[str, int, float]] = []
    for shifts in (2, 3, 7):
        rota = a_rota(200, shifts)
        count = len(final_duty(rota, *YEAR))
        found.append(
            (f"coverage of a year, {shifts} shifts a week each", count, _best(lambda r=rota: gaps(r, *YEAR)))
        )
    rota = a_rota(200, 2)
    count = len(final_duty(rota, *YEAR))
    found.append(("final duty of a year", count, _best(lambda: final_duty(rota, *YEAR))))
    changed = replace(rota, changes=_changes(2000))
    found.append(("coverage of a year with 2,000 changes", count, _best(lambda: gaps(changed, *YEAR))))
    imported = _imported(200)
    count = len(final_duty(imported, *YEAR))
    found.append(("coverage of a year, from calendars", count, _best(lambda: gaps(imported, *YEAR))))
    now = YEAR[0] + timedelta(days=100)
    count = len(on_duty(rota, now))
    found.append(("who is on now", count, _best(lambda: on_duty(rota, now))))
    window = (now - timedelta(days=30), now + timedelta(days=180))
    found.append(
        ("a feed's 210 days", len(whole_duties(rota, *window)), _best(lambda: whole_duties(rota, *window)))
    )
    return found


def a_rota(volunteers: int, shifts: int) -> Rota:
    """Volunteers with so many shifts a week each, with languages, skills and three demand windows."""
    people = [f"v{n}" for n in range(volunteers)]
    patterns = tuple(
        ShiftPattern(who, (who,), TIERS[n % 5], _timing(n, frozenset((n + 2 * k) % 7 for k in range(shifts))))
        for n, who in enumerate(people)
    )
    brings = {
        who: Offered(frozenset({"en", ("ro", "ar")[n % 2]}), frozenset({"minors"} if n % 5 == 0 else ()))
        for n, who in enumerate(people)
    }
    return Rota("Europe/Bucharest", patterns, brings, demand=_demand())


def _timing(n: int, days: frozenset[int]) -> Timing:
    return Timing(days, time(n % 24), time((n + 4) % 24))


def _demand() -> tuple[DemandWindow, ...]:
    evening = Timing(EVERY_DAY, time(8), time(0))
    night = Timing(EVERY_DAY, time(0), time(8))
    day = Timing(EVERY_DAY, time(0), time(0))
    needs = (("language", "ar", 1), ("skill", "minors", 1))
    return (
        DemandWindow(evening, total=3, needs=needs),
        DemandWindow(night, total=2),
        DemandWindow(day, Tier.SUPERVISOR),
    )


def _changes(count: int) -> tuple[Change, ...]:
    found: list[Change] = []
    for n in range(count):
        start = YEAR[0] + timedelta(hours=4 * n)
        stretch = Stretch(f"v{n % 200}", start, start + timedelta(hours=30))
        found.append(Change(n + 1, Replace(stretch, f"v{(n * 7 + 1) % 200}")))
    return tuple(found)


def _imported(volunteers: int) -> Rota:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:u{n}\r\nDTSTART;TZID=Europe/Bucharest:202601{n % 7 + 5:02}T{n % 20:02}0000\r\n"
        f"DURATION:PT4H\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TH\r\nATTENDEE:mailto:v{n}@rota.test\r\nEND:VEVENT\r\n"
        for n in range(volunteers)
    )
    text = f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n"
    series, _ = read_calendar(text, "nights.ics", zone_named("Europe/Bucharest"))
    assert series is not None
    return Rota(
        "Europe/Bucharest", calendars=(CalendarPattern("nights.ics", Tier.PRIMARY, series),), demand=_demand()
    )


def _best(work: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(3):
        begun = process_time()
        work()
        times.append(process_time() - begun)
    return min(times)
