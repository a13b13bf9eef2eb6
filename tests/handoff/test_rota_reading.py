"""A rota document, and what its author is told."""

from datetime import date, time, timedelta
from textwrap import dedent

import pytest

from handoff.issue import Complaint
from handoff.model import Tier
from handoff.rota.pattern import Offered, Rota, Rotation
from handoff.rota.reading import read_rota
from handoff.rota.spill import SpillWhen

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
    assert (pattern.who, pattern.tier, pattern.timing.days) == (("Maple",), Tier.BACKUP, frozenset({4, 5}))
    assert (pattern.timing.starts, pattern.timing.ends) == (time(20), time(2, 30))
    assert pattern.offers == Offered(frozenset({"lt"}), frozenset({"tech"}))
    assert (pattern.timing.valid_from, pattern.timing.valid_to) == (date(2026, 1, 1), date(2026, 6, 30))


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
    assert rota.patterns[0].timing.ends == time(0)


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


# --- more than weekly lines of one person ------------------------------------------------------------------
FULL = """\
spec: 1
zone: Europe/Bucharest
publish_days: 56
shared_feed: true
volunteers:
  Maple: {languages: [en, ro]}
shifts:
  - {id: pair, who: [Maple, Juniper], tier: primary, role: chat, days: [fri], from: '20:00', to: '02:00'}
  - id: weeks
    rotation: {groups: [[Maple], [Juniper, Alder]], from: 2026-01-05, counted: 3, turn: 2}
    tier: backup
    days: [mon]
    from: '09:00'
    to: '09:00'
    days_later: 7
    also: [2026-12-24]
    not_on: [2026-12-28]
  - who: Alder
    tier: supervisor
    rule: FREQ=MONTHLY;BYDAY=1MO
    first: 2026-01-05
    from: '18:00:30'
    to: '24:00'
calendars:
  - {file: nights.ics, tier: shadow, role: listens, people: {ann.k: Willow}}
demand:
  - {people: 2, days: [sat, sun], from: '00:00', to: '00:00', languages: {ar: 1}, skills: {minors: 1}}
  - {tier: supervisor, rule: FREQ=YEARLY, first: 2026-12-24, from: '16:00', to: '22:00'}
spill_over:
  - {desk: vilnius, when: always, from_tier: backup,
     as_tier: primary, days: [sun], from: '00:00', to: '12:00'}
  - {desk: riga}
"""
ICS = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
UID:a
DTSTART:20260601T200000
DURATION:PT8H
RRULE:FREQ=DAILY
ATTENDEE:mailto:ann.k@shelter.example
ATTENDEE:mailto:MAPLE@shelter.example
END:VEVENT
END:VCALENDAR
"""


def full(changed: str = "", to: str = "") -> tuple[Rota | None, tuple[Complaint, ...]]:
    assert changed in FULL
    return read_rota(FULL.replace(changed, to, 1), "rota.yaml", TODAY, {"nights.ics": ICS})


def test_a_full_document_is_read_as_written() -> None:
    rota, complaints = full()
    assert [str(one) for one in complaints if not one.warning] == []
    assert rota is not None
    pair, weeks, monthly = rota.patterns
    assert (pair.who, pair.role, pair.everyone) == (("Maple", "Juniper"), "chat", {"Maple", "Juniper"})
    assert weeks.rotation == Rotation((("Maple",), ("Juniper", "Alder")), date(2026, 1, 5), 3, 2)
    assert (weeks.timing.days_later, weeks.timing.lasts) == (7, timedelta(days=7))
    assert (weeks.timing.also, weeks.timing.but_not) == ((date(2026, 12, 24),), {date(2026, 12, 28)})
    assert (monthly.id, monthly.timing.starts) == ("alder-supervisor-1", time(18, 0, 30))
    assert monthly.timing.rule is not None
    (calendar,) = rota.calendars
    # What the calendar calls her is renamed, and an alias in other letters is the same person.
    assert (calendar.id, calendar.tier, calendar.everyone) == ("nights.ics", Tier.SHADOW, {"Willow", "Maple"})
    weekend, eve = rota.demand
    assert (weekend.total, weekend.needs) == (2, (("language", "ar", 1), ("skill", "minors", 1)))
    assert (eve.tier, eve.total) == (Tier.SUPERVISOR, 1)
    always, gap = rota.spill
    assert (always.when, always.takes, always.gives) == (SpillWhen.ALWAYS, Tier.BACKUP, Tier.PRIMARY)
    assert (gap.desk, gap.when, gap.takes, gap.gives, gap.timing) == (
        "riga", SpillWhen.GAP, Tier.PRIMARY, Tier.BACKUP, None,
    )  # fmt: skip
    assert (rota.publish_days, rota.shared_feed) == (56, True)
    assert rota.planned == {"Maple", "Juniper", "Alder", "Willow"}


@pytest.mark.parametrize(
    ("changed", "to", "part"),
    [
        ("who: [Maple, Juniper]", "who: []", "at least one volunteer"),
        ("who: [Maple, Juniper]", "who: [Maple, 0740 123 456]", "never by an address"),
        ("who: [Maple, Juniper], ", "", "has 'who', or people who take turns"),
        ("groups: [[Maple], [Juniper, Alder]]", "groups: []", "listed in groups"),
        ("from: 2026-01-05, counted", "counted", "'from' is missing"),
        ("turn: 2", "turn: 0", "from 1 to 1000"),
        ("days_later: 7", "days_later: 400", "from 0 to 366"),
        ("days_later: 7", "days_later: 0", "ends before it begins"),
        ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=9MO;COUNT=0", "COUNT are whole numbers"),
        ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MINUTELY", "does not recur by the minute"),
        ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=DAILY;UNTIL=20260601T000000Z", "write UNTIL as a day"),
        ("    first: 2026-01-05\n", "", "'first' is missing"),
        ("rule: FREQ=MONTHLY;BYDAY=1MO", "days: [mon]", "'first' goes with 'rule'"),
        ("rule: FREQ=MONTHLY;BYDAY=1MO", "days: [mon]\n    rule: FREQ=DAILY", "exclude each other"),
        ("file: nights.ics", "file: days.ics", "no calendar file days.ics beside"),
        ("languages: {ar: 1}", "languages: {ar: 0}", "from 1 to 1000"),
        ("when: always", "when: sometimes", "'sometimes' is not one of"),
        ("desk: riga", "tier: backup", "'desk' is missing"),
        ("publish_days: 56", "publish_days: 0", "1 or more"),
        ("shared_feed: true", "shared_feed: maybe", "true or false"),
        ("role: chat", "role: Chat!", "is not a code"),
        ("also: [2026-12-24]", "also: [Christmas]", "expected a day written as"),
    ],
)
def test_a_fault_in_a_full_document_is_told_with_its_line(changed: str, to: str, part: str) -> None:
    rota, complaints = full(changed, to)
    assert rota is None
    found = [str(one) for one in complaints if not one.warning]
    assert any(part in text and text.split(":")[1].isdigit() for text in found), found


def test_a_fault_in_a_calendar_is_told_with_the_calendars_own_line() -> None:
    broken = {"nights.ics": ICS.replace("DURATION:PT8H", "DURATION:8")}
    rota, complaints = read_rota(FULL, "rota.yaml", TODAY, broken)
    assert rota is None
    assert any(str(one).startswith("nights.ics:5: error: 8 is not a duration") for one in complaints)


def test_a_calendar_named_twice_is_an_error() -> None:
    line = "  - {file: nights.ics, tier: shadow, role: listens, people: {ann.k: Willow}}\n"
    rota, complaints = full(line, line + line)
    assert rota is None
    assert "stands here twice" in str(complaints[0])


def test_a_calendar_without_measure_is_refused_when_it_is_taken_in_and_not_searched_again() -> None:
    endless = {"nights.ics": ICS.replace("FREQ=DAILY", "FREQ=SECONDLY")}
    rota, _ = read_rota(FULL, "rota.yaml", TODAY, endless)
    assert rota is None
    rota, _ = read_rota(FULL, "rota.yaml", TODAY, endless, advise=False)
    assert rota is not None


def test_a_rule_with_an_end_ends() -> None:
    text = FULL.replace("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=1MO;UNTIL=20260302")
    rota, _ = read_rota(text, "rota.yaml", TODAY, {"nights.ics": ICS})
    assert rota is not None
    days = [each.day for each in rota.patterns[2].timing.planned(date(2026, 1, 1), date(2026, 12, 31))]
    assert days == [date(2026, 1, 5), date(2026, 2, 2), date(2026, 3, 2)]
