"""D-52, D-53: what a country still lacks, and what must be rung again."""

from dataclasses import replace
from datetime import UTC, date, datetime

from triage.directory import Confidence, Directory, Group, Kind, Resource, Scope, Service
from triage.directory_gaps import ToRing, gaps, to_ring

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
URGENT = Resource(
    id="ro.emergency.112",
    country="RO",
    kind=Kind.EMERGENCY,
    scope=Scope.NATIONAL,
    name="112",
    confidence=Confidence.HIGH,
    phone="112",
    hours="24/7",
    service=Service.ALL,
    groups=frozenset({Group.WOMEN}),
)
LINE = replace(
    URGENT,
    id="ro.general_women.line",
    kind=Kind.GENERAL_WOMEN,
    service=None,
    verified_on=date(2026, 6, 1),
    verified_by="cleo",
)
ALL = ("emergency", "women_day_and_night", "child", "emotional", "sexual_violence")


def test_a_country_without_rows_lacks_everything() -> None:
    assert gaps(Directory.of([]), "RO", NOW) == ALL


def test_only_checked_rows_of_the_whole_country_close_a_gap() -> None:
    assert gaps(Directory.of([URGENT, LINE]), "RO", NOW) == ALL[2:]
    for open_gap in (
        {"verified_on": None},
        {"verified_on": date(2026, 1, 2)},
        {"hours": "daily 08:00-20:00"},
        {"hours": ""},
        {"region": "RO-CJ", "scope": Scope.LOCAL},
        {"country": "SK"},
    ):
        rows = [URGENT, replace(LINE, **open_gap)]  # type: ignore[arg-type]
        assert "women_day_and_night" in gaps(Directory.of(rows), "RO", NOW), open_gap


def test_what_must_be_rung_is_listed_by_how_long_it_is_due() -> None:
    never = replace(LINE, id="ro.general_women.never", verified_on=None, verified_by=None)
    late = replace(LINE, id="ro.general_women.late", verified_on=date(2026, 1, 2))
    later = replace(LINE, id="ro.general_women.later", verified_on=date(2025, 1, 1))
    urgent = replace(URGENT, verified_on=date(2026, 4, 2))

    told = to_ring(Directory.of([URGENT, LINE, never, late, later]), NOW)

    assert told == (ToRing(later, date(2025, 6, 30)), ToRing(late, date(2026, 7, 1)), ToRing(never, None))
    assert to_ring(Directory.of([urgent]), NOW) == (ToRing(urgent, date(2026, 7, 1)),)
