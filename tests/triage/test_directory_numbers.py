"""A number counts as ours only where and while the directory would send it (PR13)."""

from tests.triage.test_directory import NOW, URGENT, a_row
from triage.directory import Confidence, Directory, Kind, Service
from triage.directory_numbers import sendable_numbers

HERE = a_row("here", rung=3, phone="0800 500 333", sms="+40744000001")
ROWS = (
    URGENT,
    HERE,
    a_row("old", rung=400, phone="0700 000 002"),
    a_row("never", phone="0700 000 003"),
    a_row("poor", phone="0700 000 004", confidence=Confidence.LOW),
    a_row("cluj", rung=3, region="RO-CJ", phone="0700 000 005"),
    a_row("there", country="CZ", rung=3, phone="0700 000 006"),
    a_row("abroad", country="CZ", rung=3, phone="+420 800 000 007"),
    a_row("union", Kind.CRIME_VICTIMS, country="EU", rung=3, phone="116 006"),
    a_row("not", Kind.EMERGENCY, country="CZ", service=Service.ALL, phone="155", confidence=Confidence.LOW),
)  # fmt: skip


def numbers(region: str | None = "RO", mode: str = "open", desk_country: str | None = None) -> frozenset[str]:
    where = {"region": region, "desk_country": desk_country}
    return sendable_numbers(Directory.of(ROWS), **where, now=NOW, mode=mode)  # type: ignore[arg-type]


def test_what_is_verified_and_near_is_known_and_nothing_else() -> None:
    assert numbers() == {"112", "0800500333", "+40744000001", "116006", "+420800000007"}


def test_a_trial_knows_what_it_would_send_marked() -> None:
    assert numbers(mode="trial") - numbers() == {"0700000002", "0700000003"}


def test_equal_digits_of_another_country_are_another_service() -> None:
    assert "0700000006" in numbers("CZ")
    assert "0700000006" not in numbers("RO")
    assert "0800500333" not in numbers("CZ")


def test_a_line_of_one_part_of_the_country_is_known_there_only() -> None:
    assert "0700000005" in numbers("RO-CJ")
    assert "0700000005" not in numbers("RO")


def test_without_a_region_the_country_of_the_desk_counts() -> None:
    assert "0800500333" in numbers(None, desk_country="RO")
    assert "0800500333" not in numbers(None)
