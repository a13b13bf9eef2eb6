"""Clocks: the pinned data, walls that never come or come twice, Windows names."""

from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from handoff.rota.windows_zones import IANA_OF_WINDOWS
from handoff.rota.zones import IANA_VERSION, Oddity, UnknownZone, iana_name, zone_named, zone_names


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_data_is_that_of_the_locked_package() -> None:
    year, _, number = version("tzdata").partition(".")
    assert f"{year}{'abcdefghijklm'[int(number) - 1]}" == IANA_VERSION
    assert {"Europe/Bucharest", "Asia/Calcutta", "UTC"} <= zone_names()


def test_the_hosts_own_data_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONTZPATH", "/nowhere")
    assert zone_named("Asia/Tokyo").moment(wall("2026-01-01")) == datetime(2025, 12, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Europe/Bukarest", "../../etc/passwd", "", "europe/berlin", "zones"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone, match="is not a time zone such as"):
        zone_named(name)


@pytest.mark.parametrize(
    ("zone", "at", "moment", "oddity"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30", Oddity.GAP),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30", Oddity.FOLD),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00", None),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00", Oddity.GAP),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", Oddity.FOLD),
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00", Oddity.GAP),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00", Oddity.GAP),
        ("Asia/Tehran", "2022-03-22T00:30", "2022-03-21T21:00", Oddity.GAP),
        ("UTC", "2026-03-29T02:30", "2026-03-29T02:30", None),
    ],
)
def test_a_wall_is_one_moment(zone: str, at: str, moment: str, oddity: Oddity | None) -> None:
    place = zone_named(zone)
    assert place.moment(wall(at)) == wall(moment).replace(tzinfo=UTC)
    assert place.oddity(wall(at)) is oddity
    if oddity is None:
        assert place.wall(place.moment(wall(at))) == wall(at)


def test_what_is_asked_again_is_answered_again_also_after_very_many_questions() -> None:
    place = zone_named("Europe/Vilnius")
    first = place.moment(wall("2026-01-01"))
    for minutes in range(50_001):
        place.moment(wall("2000-01-01") + timedelta(minutes=minutes))
    assert place.moment(wall("2026-01-01")) == first


def test_every_windows_name_means_what_another_copy_of_the_table_says() -> None:
    # Names that are not in the other copy yet came with later editions of the table.
    assert {name: IANA_OF_WINDOWS.get(name) for name in WINDOWS_TO_OLSON} == WINDOWS_TO_OLSON
    assert set(IANA_OF_WINDOWS.values()) <= zone_names()


@pytest.mark.parametrize(
    ("name", "iana"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("gtb standard time", "Europe/Bucharest"),
        ("UTC", "UTC"),
        ("(UTC+01:00) Amsterdam, Berlin", None),
        ("Nowhere", None),
    ],
)
def test_a_name_in_a_calendar_is_an_iana_name_or_a_windows_name(name: str, iana: str | None) -> None:
    assert iana_name(name) == iana
