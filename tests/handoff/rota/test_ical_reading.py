"""A calendar that comes from outside: read exactly, or refused with its line; never half believed."""

from datetime import date
from time import process_time

import pytest

from handoff.rota.ical.lines import LARGEST, NotACalendar, components, decoded
from handoff.rota.ical.reading import check_amount
from handoff.rota.ical.reduced import reduced
from tests.handoff.rota.calendars import BERLIN, calendar, event, faults, read, series_of, spans

START = "DTSTART;TZID=Europe/Berlin:20260601T220000"
END = "DTEND;TZID=Europe/Berlin:20260602T060000"
WHO = "ATTENDEE:mailto:maple@rota.test"
NIGHT = event(START, END, WHO)

ODD_ZONE = """\
BEGIN:VTIMEZONE
TZID:Hotline East
BEGIN:STANDARD
DTSTART:16010101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE"""


# --- form -----------------------------------------------------------------------------------------------
def test_folded_lines_are_one_line_wherever_they_were_cut() -> None:
    text = calendar(event("DTSTART;TZID=Europe/Ber\r\n lin:202606\r\n\t01T220000", END, WHO))
    assert spans(text, "2026-06-01", "2026-06-03") == [("01 20:00", "02 04:00")]


def test_plain_line_ends_and_empty_lines_are_read_as_well() -> None:
    text = calendar(NIGHT).replace("\r\n", "\n") + "\n\n"
    assert spans(text, "2026-06-01", "2026-06-03") == [("01 20:00", "02 04:00")]


def test_names_are_read_in_any_case_and_parameters_in_quotes() -> None:
    text = calendar(
        'begin:vevent\nuid:a\ndtstart;tzid="Europe/Berlin";x-a="1;2:3",b:20260601T220000', END, "End:VEvent"
    )
    assert spans(text, "2026-06-01", "2026-06-03") == [("01 20:00", "02 04:00")]


def test_a_volunteer_is_the_local_part_of_an_address_and_counts_once() -> None:
    people = (
        'ATTENDEE;CN="Maple, of the desk: nights";ROLE=REQ-PARTICIPANT:mailto:maple@rota.test',
        "ATTENDEE:MAILTO:maple@elsewhere.test",
        "ATTENDEE:mailto:juniper%2Bnight@rota.test",
        "ATTENDEE;CUTYPE=ROOM:mailto:room7@rota.test",
    )
    (series,) = series_of(calendar(event(START, END, *people)))
    assert series.master is not None
    assert series.master.people == ("maple", "juniper+night")


@pytest.mark.parametrize(
    ("attendee", "part"),
    [
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:maple@rota.test", "she declined"),
        ("ATTENDEE:tel:+40-21-555-0100", "written mailto:"),
    ],
)
def test_who_is_not_counted_is_told_of(attendee: str, part: str) -> None:
    series, (complaint,) = read(calendar(event(START, END, attendee)))
    assert series is not None
    assert series[0].master is not None
    assert series[0].master.people == ()
    assert complaint.warning
    assert part in complaint.message
    assert complaint.line == 8


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 0, "there is no calendar"),
        ("hello", 1, "not written NAME:value"),
        ("VERSION:2.0\n", 1, "begins with BEGIN:VCALENDAR"),
        ("BEGIN:VEVENT\nEND:VEVENT\n", 1, "begins with BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", 3, "where END:VEVENT is due"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", 2, "BEGIN:VEVENT has no END"),
        ("BEGIN:VCALENDAR\nSUM\x00MARY:x\nEND:VCALENDAR\n", 2, "control character"),
        ("BEGIN:VCALENDAR\nSUMMARY:x\ry\nEND:VCALENDAR\n", 2, "control character"),
        ('BEGIN:VCALENDAR\nSUMMARY;X="open:x\nEND:VCALENDAR\n', 2, "not closed"),
        ("BEGIN:VCALENDAR\nSUMMARY;X:x\nEND:VCALENDAR\n", 2, "NAME=value"),
        ("BEGIN:VCALENDAR\nSUMMARY;X=1\nEND:VCALENDAR\n", 2, "no colon"),
    ],
)
def test_a_file_that_is_no_calendar_says_where(text: str, line: int, part: str) -> None:
    (fault,) = faults(text)
    assert part in fault
    assert fault.startswith(f"nights.ics:{line}: error: ")


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        ((END, WHO), "no DTSTART"),
        (("DTSTART;TZID=Nowhere/At_All:20260601T220000", END), "no zone of the time-zone data"),
        (("DTSTART:2026-06-01", END), "not a time such as"),
        (("DTSTART:20260230T100000Z", END), "does not exist"),
        (("DTSTART:00010101T000000Z", END), "years 1583 to 2500"),
        (("DTSTART;VALUE=DATE:20260601T10", END), "not a day such as"),
        ((START, "DTEND;VALUE=DATE:20260602"), "both days, or both"),
        ((START, END, "DURATION:PT8H"), "DTEND and DURATION"),
        ((START, "DURATION:8 hours"), "not a duration"),
        ((START, "DURATION:P"), "not a duration"),
        ((START, "DURATION:P99999W"), "longer than"),
        ((START, END, "RRULE:FREQ=NEVER"), "is none of YEARLY"),
        ((START, END, "EXRULE:FREQ=DAILY"), "write EXDATE instead"),
        ((START, END, "EXDATE:tomorrow"), "not a time such as"),
        ((START, END, "RDATE;VALUE=PERIOD:20260601T080000Z/soon"), "not a time such as"),
        ((START, END, "SEQUENCE:-1"), "not a whole number"),
        ((START, END, "SEQUENCE:²"), "not a whole number"),
        ((START, "DTEND;TZID=Europe/Berlin:20280602T060000", "RRULE:FREQ=DAILY"), "more than 400 days"),
    ],
)  # fmt: skip
def test_an_event_with_a_fault_is_refused_with_its_line(lines: tuple[str, ...], part: str) -> None:
    found = faults(calendar(event(*lines)))
    assert any(part in fault for fault in found), found


def test_an_event_without_uid_is_refused() -> None:
    assert "no UID" in faults(calendar("BEGIN:VEVENT", START, END, "END:VEVENT"))[0]


def test_all_faults_are_told_at_once() -> None:
    found = faults(calendar(event(START, "DURATION:x"), event("DTSTART:x", uid="b")))
    assert len(found) == 2


def test_an_end_before_its_start_is_nobodys_duty_and_a_warning() -> None:
    text = calendar(event(START, "DTEND;TZID=Europe/Berlin:20260601T210000", WHO))
    _, (complaint,) = read(text)
    assert complaint.warning
    assert spans(text, "2026-06-01", "2026-06-03") == []


def test_a_day_that_should_have_been_a_time_is_a_warning() -> None:
    _, (complaint,) = read(calendar(event(START, END, "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260602")))
    assert complaint.warning
    assert "write the time the shift begins" in complaint.message


# --- hostile --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"x" * (LARGEST + 1), "larger than 4 megabytes"),
        (calendar(NIGHT).encode("utf-16"), "UTF-16"),
        (b"BEGIN:VCALENDAR\r\nSUMMARY:\xff\xfe\r\n", "not UTF-8"),
    ],
)
def test_a_file_of_another_size_or_encoding_is_refused(content: bytes, part: str) -> None:
    with pytest.raises(NotACalendar, match=part):
        decoded(content)


def test_a_byte_order_mark_is_not_part_of_the_text() -> None:
    assert components(decoded(b"\xef\xbb\xbf" + calendar(NIGHT).encode()))[0].name == "VCALENDAR"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 10_000, "nested deeper than 4"),
        ("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * 21_000 + "END:VCALENDAR\n", "more than 20000"),
        ("BEGIN:VCALENDAR\nX:" + "y" * 70_000 + "\nEND:VCALENDAR\n", "longer than 64000"),
        ("BEGIN:VCALENDAR\nX:" + "\n y" * 70_000 + "\nEND:VCALENDAR\n", "longer than 64000"),
        ("X" * (LARGEST + 1), "larger than"),
    ],
)
def test_a_file_that_grows_without_measure_is_refused_at_once(text: str, part: str) -> None:
    begun = process_time()
    (fault,) = faults(text)
    assert part in fault
    assert process_time() - begun < 2


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1;COUNT=9",
        "FREQ=MINUTELY;BYHOUR=0,1,2,3,4,5,6,7,8",
    ],
)
def test_a_rule_that_recurs_without_measure_is_refused(rule: str) -> None:
    series = series_of(calendar(event("DTSTART:20200101T000000Z", "DURATION:PT1S", f"RRULE:{rule}", WHO)))
    (complaint,) = check_amount(series, "nights.ics", date(2026, 6, 1), BERLIN)
    assert not complaint.warning
    assert complaint.line == 4


def test_many_events_that_recur_are_counted_together() -> None:
    rule = "RRULE:FREQ=MINUTELY;INTERVAL=10"
    events = [event("DTSTART:20260601T000000Z", "DURATION:PT1M", rule, uid=f"u{n}") for n in range(5)]
    (complaint,) = check_amount(series_of(calendar(*events)), "nights.ics", date(2026, 6, 1), BERLIN)
    assert "more than 200000 occurrences" in complaint.message


def test_a_calendar_of_a_large_hotline_is_taken() -> None:
    events = [event(START, END, "RRULE:FREQ=WEEKLY", WHO, uid=f"u{n}") for n in range(500)]
    series = series_of(calendar(*events))
    assert len(series) == 500
    assert check_amount(series, "nights.ics", date(2026, 6, 1), BERLIN) == ()


def test_thousands_of_attendees_are_refused() -> None:
    people = [f"ATTENDEE:mailto:p{n}@rota.test" for n in range(600)]
    assert "more than 500 attendees" in faults(calendar(event(START, END, *people)))[0]


# --- zones ----------------------------------------------------------------------------------------------
def in_odd_zone(*lines: str, zone: str = ODD_ZONE) -> str:
    return calendar(event(*lines, WHO), before=(zone.replace("\n", "\r\n"),))


def test_a_zone_that_only_the_calendar_knows_is_read_from_it() -> None:
    text = in_odd_zone("DTSTART;TZID=Hotline East:20260307T220000", "DTEND;TZID=Hotline East:20260308T060000")
    assert spans(text, "2026-03-07", "2026-03-09") == [("08 03:00", "08 10:00")]


def test_a_zone_with_an_address_before_its_name_is_known_by_the_name() -> None:
    text = calendar(event("DTSTART;TZID=/example.org/2026_1/Europe/Berlin:20260601T220000", "DURATION:PT1H"))
    assert spans(text, "2026-06-01", "2026-06-03") == [("01 20:00", "01 21:00")]


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("TZOFFSETTO:-0500\n", "", "STANDARD has no TZOFFSETTO"),
        ("-0400\nEND:DAYLIGHT", "-2500\nEND:DAYLIGHT", "not an offset"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "FREQ=DAILY", "more than 3000 times"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "FREQ=SECONDLY", "by the hour"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "FREQ=YEARLY;BYDAY=9XX", "not a weekday"),
    ],
)
def test_a_zone_with_a_fault_is_refused(old: str, new: str, part: str) -> None:
    assert old in ODD_ZONE
    start = "DTSTART;TZID=Hotline East:20260307T220000"
    found = faults(in_odd_zone(start, "DURATION:PT1H", zone=ODD_ZONE.replace(old, new, 1)))
    assert any(part in fault for fault in found), found


def test_a_zone_whose_rules_end_keeps_its_last_offset() -> None:
    ended = ODD_ZONE.replace("BYDAY=1SU", "BYDAY=1SU;UNTIL=20251102T060000Z").replace(
        "BYDAY=2SU", "BYDAY=2SU;UNTIL=20250309T070000Z"
    )
    text = in_odd_zone("DTSTART;TZID=Hotline East:20260701T120000", "DURATION:PT1H", zone=ended)
    assert spans(text, "2026-07-01", "2026-07-02") == [("01 17:00", "01 18:00")]


# --- what is kept ---------------------------------------------------------------------------------------
def test_only_when_who_and_what_changed_is_kept() -> None:
    private = (
        *("SUMMARY:Anna K. has the phone", "DESCRIPTION:call her husband never", "LOCATION:Str. Lunga 7"),
        *("ORGANIZER:mailto:boss@shelter.example", 'X-APPLE-STRUCTURED-LOCATION;X-TITLE="Shelter":geo:1,2'),
        'ATTENDEE;CN="Anna K.";PARTSTAT=ACCEPTED:mailto:maple@shelter.example',
        "BEGIN:VALARM\r\nTRIGGER:-PT10M\r\nEND:VALARM",
    )
    text = in_odd_zone(
        "DTSTART;TZID=Hotline East:20260307T220000", "DURATION:PT8H", "RRULE:FREQ=DAILY", *private
    )
    kept = reduced(text)
    for word in ("Anna", "husband", "Lunga", "boss", "shelter", "Shelter", "VALARM"):
        assert word not in kept
    assert "mailto:maple@rota.invalid" in kept
    assert spans(kept, "2026-03-07", "2026-03-12") == spans(text, "2026-03-07", "2026-03-12")
    assert reduced(kept) == kept


def test_reducing_keeps_exceptions_and_additions() -> None:
    added = ("EXDATE:20260602T200000Z", "RDATE;VALUE=PERIOD:20260610T080000Z/PT2H")
    known = "RECURRENCE-ID;RANGE=THISANDFUTURE:20260603T200000Z"
    later = (START.replace("0601T22", "0603T23"), END.replace("0602", "0604"))
    text = calendar(
        event(START, END, WHO, "RRULE:FREQ=DAILY;COUNT=4", *added),
        event(known, *later, "SEQUENCE:2", "STATUS:CONFIRMED", WHO),
    )
    assert spans(reduced(text), "2026-06-01", "2026-06-20") == spans(text, "2026-06-01", "2026-06-20")
    assert len(spans(text, "2026-06-01", "2026-06-20")) == 4
