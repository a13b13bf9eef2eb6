"""What the clocks do to a rota: odd handovers, odd nights, swallowed shifts, and new zone data."""

from dataclasses import replace
from datetime import date, timedelta

from handoff.model import Tier
from handoff.rota.advice import Edge, clock_changes, odd_handovers, odd_lengths, plan_warnings
from handoff.rota.brought_along import BroughtAlong, ClockChange
from handoff.rota.clocks import Clocks, clocks_of, moved_by_zone_data, zones_of
from handoff.rota.pattern import CalendarPattern, Rota
from handoff.rota.zones import IANA_VERSION, Oddity, Zone, zone_named
from tests.handoff.builders import a_pattern, utc
from tests.handoff.rota.calendars import calendar, event, series_of

YEAR = (utc(2026, 1, 1), utc(2027, 1, 1))


def a_rota(*shifts: tuple[str, str, str], zone: str = "Europe/Berlin") -> Rota:
    return Rota(zone, tuple(replace(a_pattern(who, a, b), id=who) for who, a, b in shifts))


def test_the_days_on_which_clocks_change_are_found() -> None:
    assert clock_changes(zone_named("Europe/Berlin"), date(2026, 1, 1), date(2026, 12, 31)) == (
        date(2026, 3, 29),
        date(2026, 10, 25),
    )
    assert clock_changes(zone_named("UTC"), date(2026, 1, 1), date(2026, 12, 31)) == ()


def test_handovers_that_never_come_or_come_twice_are_listed() -> None:
    rota = a_rota(("ann", "20:00", "02:30"), ("bao", "02:30", "08:00"))
    found = [(one.instance, one.edge, one.oddity, one.moment) for one in odd_handovers(rota, *YEAR)]
    assert found == [
        ("ann/2026-03-28", Edge.END, Oddity.GAP, utc(2026, 3, 29, 1, 30)),
        ("bao/2026-03-29", Edge.START, Oddity.GAP, utc(2026, 3, 29, 1, 30)),
        ("ann/2026-10-24", Edge.END, Oddity.FOLD, utc(2026, 10, 25, 0, 30)),
        ("bao/2026-10-25", Edge.START, Oddity.FOLD, utc(2026, 10, 25, 0, 30)),
    ]


def test_nights_that_are_not_as_long_as_the_clock_says_are_listed() -> None:
    rota = a_rota(("ann", "22:00", "06:00"), ("bao", "02:00", "03:00"))
    found = {one.instance: one.lasts / timedelta(hours=1) for one in odd_lengths(rota, *YEAR)}
    assert found == {"ann/2026-03-28": 7, "ann/2026-10-24": 9, "bao/2026-03-29": 0, "bao/2026-10-25": 2}


def test_exact_lengths_of_a_calendar_are_never_odd() -> None:
    start = "DTSTART;TZID=America/New_York:20260301T220000"
    text = calendar(
        event(start, "DURATION:PT8H", "RRULE:FREQ=DAILY", "ATTENDEE:mailto:ann@rota.test"),
        event(start, "DTEND;TZID=America/New_York:20260302T060000", "RRULE:FREQ=DAILY", uid="b"),
    )
    rota = Rota("Europe/Berlin", calendars=(CalendarPattern("x.ics", Tier.PRIMARY, series_of(text)),))
    found = [(one.instance, one.lasts) for one in odd_lengths(rota, *YEAR)]
    assert found == [
        ("b/20260308T030000Z", timedelta(hours=7)),
        ("b/20261101T020000Z", timedelta(hours=9)),
    ]


def test_a_swallowed_shift_is_a_warning_for_its_line() -> None:
    rota = a_rota(("ann", "02:30", "03:30"), ("bao", "22:00", "06:00"))
    ((pattern, sentence),) = plan_warnings(rota, date(2026, 1, 1))
    assert pattern == "ann"
    assert "on 2026-03-29 the clocks change and nothing is left of the shift from 02:30 to 03:30" in sentence


def test_somebody_planned_twice_at_once_is_a_warning_with_the_tier_that_counts() -> None:
    twice = (a_pattern("ann", "08:00", "12:00"), a_pattern("ann", "10:00", "14:00", Tier.SUPERVISOR))
    rota = Rota("UTC", twice)
    ((_, sentence),) = plan_warnings(rota, date(2026, 1, 5))
    assert sentence.startswith("ann is planned in two shifts at once on 2026-01-05")
    assert sentence.endswith("of primary and supervisor the stronger counts")


def test_shifts_that_only_touch_are_not_twice() -> None:
    rota = Rota("UTC", (a_pattern("ann", "08:00", "12:00"), a_pattern("ann", "12:00", "14:00")))
    assert list(plan_warnings(rota, date(2026, 1, 5))) == []


# --- zone data ------------------------------------------------------------------------------------------
def test_the_kept_clock_is_the_clock_that_was_kept() -> None:
    now = utc(2026, 1, 15)
    for name in (
        "Europe/Bucharest",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Tokyo",
    ):
        kept = clocks_of(Rota(name), now).changes[name]
        again, zone = Zone(name, BroughtAlong(name, kept)), zone_named(name)
        for hours in range(0, 24 * 400, 5):
            moment = now + timedelta(hours=hours)
            assert again.wall(moment) == zone.wall(moment)
            assert again.moment(zone.wall(moment)) == zone.moment(zone.wall(moment))


def test_with_the_same_data_nothing_moves() -> None:
    rota = a_rota(("ann", "22:00", "06:00"))
    kept = clocks_of(rota, utc(2026, 1, 1))
    assert kept.iana == IANA_VERSION
    assert moved_by_zone_data(rota, kept, utc(2026, 1, 1)) == ()


def test_a_government_that_keeps_its_clocks_moves_every_summer_shift() -> None:
    """Mexico City in 2023, by data that still knew the summer time of the years before."""
    rota = a_rota(("ann", "08:00", "12:00"), zone="America/Mexico_City")
    hours = timedelta(hours=1)
    stale = Clocks(
        "2022a",
        {
            "America/Mexico_City": (
                ClockChange(utc(2022, 10, 30, 7).replace(tzinfo=None), -5 * hours, -6 * hours),
                ClockChange(utc(2023, 4, 2, 8).replace(tzinfo=None), -6 * hours, -5 * hours),
                ClockChange(utc(2023, 10, 29, 7).replace(tzinfo=None), -5 * hours, -6 * hours),
            )
        },
    )
    moved = moved_by_zone_data(rota, stale, utc(2023, 3, 1), timedelta(days=300))
    assert moved[0].shift.instance == "ann/2023-04-02"
    assert (moved[0].start, moved[0].shift.start) == (utc(2023, 4, 2, 13), utc(2023, 4, 2, 14))
    assert len(moved) == (date(2023, 10, 29) - date(2023, 4, 2)).days
    assert moved[0].shift.people == ("ann",)


def test_a_zone_that_a_calendar_brought_along_depends_on_no_data() -> None:
    text = calendar(
        event("DTSTART;TZID=Own:20260301T220000", "DURATION:PT8H"),
        before=(
            (
                "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
                "TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE"
            ),
        ),
    )
    rota = Rota("Europe/Berlin", calendars=(CalendarPattern("x.ics", Tier.PRIMARY, series_of(text)),))
    assert zones_of(rota) == ("Europe/Berlin",)
