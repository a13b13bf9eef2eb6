"""A rota document, and what its author is told."""

from datetime import date, time
from textwrap import dedent

import pytest

from handoff.issue import Complaint
from handoff.model import Tier
from handoff.rota.pattern import Offered, Rota
from handoff.rota.reading import read_rota

TODAY = date(2026, 1, 5)
NIGHT = """\
    - who: Maple
      tier: primary
      days: [fri, sat]
      from: '20:00'
      to: '02:00'
"""


def read(text: str) -> tuple[Rota | None, tuple[Complaint, ...]]:
    return read_rota(dedent(text), "rota.yaml", TODAY)


def a_document(shifts: str = NIGHT, zone: str = "Europe/Bucharest") -> str:
    return f"zone: {zone}\nshifts:\n{shifts}"


def told(text: str) -> list[str]:
    rota, complaints = read(text)
    assert rota is None
    return [str(complaint) for complaint in complaints]


def test_a_shift_is_read_as_written() -> None:
    rota, complaints = read(
        """\
        spec: 1
        zone: Europe/Vilnius
        volunteers:
          Maple: {languages: [en, lt], skills: [minors]}
        shifts:
          - who: Maple
            tier: backup
            days: [fri, sat]
            from: '20:00'
            to: '02:30'
            languages: [lt]
            skills: [tech]
            valid_from: 2026-01-01
            valid_to: 2026-06-30
        """
    )
    assert complaints == ()
    assert rota is not None
    (pattern,) = rota.patterns
    assert rota.zone == "Europe/Vilnius"
    assert rota.volunteers == {"Maple": Offered(frozenset({"en", "lt"}), frozenset({"minors"}))}
    assert (pattern.who, pattern.tier, pattern.days) == ("Maple", Tier.BACKUP, frozenset({4, 5}))
    assert (pattern.starts, pattern.ends) == (time(20), time(2, 30))
    assert pattern.offers == Offered(frozenset({"lt"}), frozenset({"tech"}))
    assert (pattern.valid_from, pattern.valid_to) == (date(2026, 1, 1), date(2026, 6, 30))


def test_a_pattern_without_id_keeps_its_name_when_its_times_are_edited() -> None:
    before, _ = read(a_document())
    edited, _ = read(a_document(NIGHT.replace("20:00", "21:00").replace("fri, sat", "sun")))
    assert before is not None
    assert edited is not None
    assert [p.id for p in before.patterns] == [p.id for p in edited.patterns] == ["maple-primary-1"]


def test_names_made_for_patterns_do_not_collide_with_names_given() -> None:
    given = NIGHT.replace("- who", "- id: maple-primary-1\n      who")
    rota, _ = read(a_document(NIGHT + given))
    assert rota is not None
    assert [p.id for p in rota.patterns] == ["maple-primary-2", "maple-primary-1"]


def test_twenty_four_oclock_is_midnight_at_the_end_of_the_day() -> None:
    rota, _ = read(a_document(NIGHT.replace("02:00", "24:00")))
    assert rota is not None
    assert rota.patterns[0].ends == time(0)


@pytest.mark.parametrize(
    ("wrong", "right", "line", "part"),
    [
        ("tier: primry", "tier: primary", 4, "did you mean 'primary'"),
        ("days: [fri, xat]", "days: [fri, sat]", 5, "'xat' is not one of"),
        ("days: []", "days: [fri, sat]", 5, "at least one day"),
        ("from: '8:00'", "from: '20:00'", 6, "time of day in quotes"),
        ("from: 8", "from: '20:00'", 6, "time of day in quotes"),
        ("from: '24:00'", "from: '20:00'", 6, "time of day in quotes"),
        ("form: '20:00'", "from: '20:00'", 6, "did you mean 'from'"),
        ("who: ann@example.org", "who: Maple", 3, "never by an address"),
        ("who: 0740 123 456", "who: Maple", 3, "never by an address"),
        ("who: ''", "who: Maple", 3, "expected a word"),
    ],
)
def test_a_fault_is_told_with_its_line(wrong: str, right: str, line: int, part: str) -> None:
    found = told(a_document(NIGHT.replace(right, wrong)))
    assert any(text.startswith(f"rota.yaml:{line}: error: ") and part in text for text in found), found


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "the document is empty"),
        ("zone: Europe/Bucharest\n", "'shifts' is missing"),
        ("zone: Europe/Bukarest\nshifts: []\n", "is not a time zone"),
        ("zone: ../../etc/passwd\nshifts: []\n", "is not a time zone"),
        ("zone: UTC\nshifts: {a: 1}\n", "expected a list"),
        ("- zone\n", "expected a mapping"),
        ("zone: UTC\nzone: UTC\nshifts: []\n", "duplicate key"),
        ("zone: [UTC\nshifts: []\n", "not readable as YAML"),
        ("zone: UTC\nshifts: [\x01]\n", "not readable as YAML"),
        ("spec: 2\nzone: UTC\nshifts: []\n", "this release reads spec: 1"),
        ("zone: UTC\nshifts: []\nvolunteers: {Maple: {languages: [english!]}}\n", "is not a language tag"),
        ("zone: UTC\nshifts: []\nvolunteers: {Maple: {skills: [Minors]}}\n", "is not a code"),
    ],
)
def test_a_document_that_cannot_be_used_says_why(text: str, part: str) -> None:
    found = told(text)
    assert any(part in line for line in found), found


def test_a_document_nested_without_end_is_refused_not_followed() -> None:
    assert "not readable as YAML" in told("[" * 20_000)[0]


def test_a_rota_that_refers_to_itself_is_refused() -> None:
    assert told("zone: UTC\nshifts: &s [*s]\n")


def test_one_alias_in_two_spellings_is_an_error_since_she_would_count_twice() -> None:
    found = told(a_document(NIGHT + NIGHT.replace("Maple", "maple")))
    assert len(found) == 1
    assert "one alias" in found[0]


def test_an_id_used_twice_is_an_error() -> None:
    shift = NIGHT.replace("- who", "- id: night\n      who")
    assert "used twice" in told(a_document(shift + shift))[0]


def test_a_validity_that_ends_before_it_begins_is_an_error() -> None:
    shift = NIGHT + "      valid_from: 2026-02-01\n      valid_to: 2026-01-01\n"
    assert "never happens" in told(a_document(shift))[0]


def test_a_shift_the_short_night_swallows_is_a_warning_with_its_date() -> None:
    swallowed = NIGHT.replace("20:00", "03:30").replace("02:00", "04:30").replace("fri, sat", "sun")
    rota, (complaint,) = read(a_document(swallowed))
    assert rota is not None
    assert complaint.warning
    assert complaint.line == 3
    assert "2026-03-29" in complaint.message


def test_a_volunteer_without_a_shift_is_a_warning() -> None:
    rota, (complaint,) = read(a_document() + "volunteers: {Willow: {languages: [en]}}\n")
    assert rota is not None
    assert complaint.warning
    assert "'Willow' has no shift" in complaint.message
