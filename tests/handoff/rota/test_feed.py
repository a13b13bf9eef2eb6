"""Calendar feeds: neutral, stable, honest about what is gone; read back by another program's parser."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st
from icalendar import Calendar, Event

from handoff.model import Duty, Tier
from handoff.rota.changes import Change, MoveInstance, Replace, Stretch
from handoff.rota.ical.feed import (
    Entry,
    brought_up_to_date,
    entries_now,
    etag,
    feed_text,
    from_plain,
    to_plain,
    uid_of,
    window,
)
from handoff.rota.ical.writing import OCTETS, escaped, written
from handoff.rota.pattern import Rota
from handoff.rota.questions import whole_duties
from tests.handoff.builders import a_pattern, utc

KEY = b"k" * 32
NOW = utc(2026, 6, 10, 12)
NIGHT = "night/2026-06-15"


def a_rota(*changes: Change, starts: str = "20:00") -> Rota:
    pattern = replace(a_pattern("ann", starts, "04:00", days=frozenset({0})), id="night")
    return Rota("Europe/Bucharest", (pattern,), changes=changes)


def entries(rota: Rota, who: str = "ann", now: datetime = NOW) -> dict[str, Entry]:
    duties = [("demo", duty) for duty in whole_duties(rota, *window(now)) if duty.volunteer == who]
    return entries_now(duties, KEY, {who: "Busy"}, now)


def events(told: Iterable[Entry]) -> dict[str, Event]:
    calendar = Calendar.from_ical(feed_text(told, "Calendar"))
    assert calendar.errors == []
    found = {str(each["UID"]): each for each in calendar.walk("VEVENT")}
    assert all(each.errors == [] for each in found.values())
    return found


def by_day(told: dict[str, Entry], day: int) -> Entry:
    return next(one for one in told.values() if one.start.day == day and one.start.month == 6)


# --- the text -------------------------------------------------------------------------------------------
def test_another_parser_reads_what_was_planned() -> None:
    found = events(entries(a_rota()).values())
    assert len(found) == 30  # Mondays from 11 May to 30 November
    first = min(found.values(), key=lambda each: each["DTSTART"].dt)
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (
        datetime(2026, 5, 11, 17, tzinfo=UTC),
        datetime(2026, 5, 12, 1, tzinfo=UTC),
    )
    assert {str(each["SUMMARY"]) for each in found.values()} == {"Busy"}
    assert {str(each["STATUS"]) for each in found.values()} == {"CONFIRMED"}
    assert {int(each["SEQUENCE"]) for each in found.values()} == {0}


def test_nothing_in_it_betrays_a_hotline() -> None:
    text = feed_text(entries(a_rota()).values(), "Calendar").casefold()
    for word in (
        "hearth",
        "hotline",
        "shift",
        "rota",
        "night",
        "ann",
        "demo",
        "desk",
        "women",
        "volunteer",
        "duty",
    ):
        assert word not in text, word


def test_it_tells_programs_how_often_to_come_and_what_it_is() -> None:
    text = feed_text((), "Calendar")
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert "X-PUBLISHED-TTL:PT1H" in lines
    assert "VTIMEZONE" not in text
    assert "METHOD" not in text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=300))
def test_no_line_is_longer_than_75_octets_and_unfolds_to_what_it_was(text: str) -> None:
    folded = written([f"SUMMARY:{escaped(text)}"])
    lines = folded.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= OCTETS for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    unfolded = lines[0] + "".join(line[1:] for line in lines[1:])
    assert unfolded == f"SUMMARY:{escaped(text)}"


def test_a_name_with_signs_in_it_is_read_back_by_the_other_parser() -> None:
    entry = Entry("u", NOW, NOW + timedelta(hours=1), "Maple; the \\ first,\nof\x00 two — ăîșț", 0, NOW)
    (event,) = events([entry]).values()
    assert str(event["SUMMARY"]) == "Maple; the \\ first,\nof  two — ăîșț"


# --- identity -------------------------------------------------------------------------------------------
def test_an_entry_keeps_its_uid_when_its_shift_is_moved_or_its_line_edited() -> None:
    before = entries(a_rota())
    moved = entries(a_rota(Change(1, MoveInstance(NIGHT, utc(2026, 6, 17, 9), utc(2026, 6, 17, 12)))))
    edited = entries(a_rota(starts="21:30"))
    assert set(moved) == set(before) == set(edited)
    uid = by_day(before, 15).uid
    assert moved[uid].start == utc(2026, 6, 17, 9)
    assert edited[uid].start == utc(2026, 6, 15, 18, 30)


def test_a_uid_tells_nothing_and_differs_by_desk_person_shift_and_part() -> None:
    duty = Duty("ann", Tier.PRIMARY, NOW, NOW + timedelta(hours=1), instance=NIGHT)
    uids = {
        uid_of(KEY, "demo", duty, 0),
        uid_of(KEY, "demo", duty, 1),
        uid_of(KEY, "other", duty, 0),
        uid_of(b"other", "demo", duty, 0),
        uid_of(KEY, "demo", replace(duty, volunteer="bao"), 0),
        uid_of(KEY, "demo", replace(duty, instance="night/2026-06-22"), 0),
    }
    assert len(uids) == 6
    assert uid_of(KEY, "demo", replace(duty, start=NOW - timedelta(days=1), tier=Tier.BACKUP), 0) in uids


def test_a_shift_that_is_split_is_two_entries_of_which_the_first_keeps_its_uid() -> None:
    cover = Replace(Stretch("ann", utc(2026, 6, 15, 20), utc(2026, 6, 15, 21)), "bao")
    before, after = entries(a_rota()), entries(a_rota(Change(1, cover)))
    uid = by_day(before, 15).uid
    assert (after[uid].start, after[uid].end) == (utc(2026, 6, 15, 17), utc(2026, 6, 15, 20))
    assert len(after) == len(before) + 1


def test_pieces_that_meet_are_one_entry() -> None:
    there_and_back = (
        Change(1, Replace(Stretch("ann", utc(2026, 6, 15, 20), utc(2026, 6, 15, 21)), "bao")),
        Change(2, Replace(Stretch("bao", utc(2026, 6, 15, 20), utc(2026, 6, 15, 21)), "ann")),
    )
    assert entries(a_rota(*there_and_back)) == entries(a_rota())


# --- what was told before ---------------------------------------------------------------------------------
def told_after(known: dict[str, Entry], rota: Rota, now: datetime) -> dict[str, Entry]:
    return brought_up_to_date(known, entries(rota, now=now), now)


def test_what_stays_is_told_word_for_word_as_before() -> None:
    first = told_after({}, a_rota(), NOW)
    later = told_after(first, a_rota(), NOW + timedelta(hours=5))
    assert later == first
    assert etag(feed_text(later.values(), "x")) == etag(feed_text(first.values(), "x"))


def test_what_moves_raises_its_sequence_and_says_when() -> None:
    first = told_after({}, a_rota(), NOW)
    moment = NOW + timedelta(hours=1)
    second = told_after(first, a_rota(starts="21:00"), moment)
    event = events(second.values())[by_day(first, 15).uid]
    assert int(event["SEQUENCE"]) == 1
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == moment
    third = told_after(second, a_rota(), moment + timedelta(hours=1))
    assert third[by_day(first, 15).uid].sequence == 2


def test_what_is_gone_is_told_as_cancelled_for_sixty_days() -> None:
    first = told_after({}, a_rota(), NOW)
    uid = by_day(first, 15).uid
    away = a_rota(Change(1, Replace(Stretch("ann", instance=NIGHT), "bao")))
    gone = told_after(first, away, NOW + timedelta(days=1))
    event = events(gone.values())[uid]
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 1)
    assert event["DTSTART"].dt == first[uid].start
    assert told_after(gone, away, NOW + timedelta(days=50))[uid] == gone[uid]
    assert uid not in told_after(gone, away, NOW + timedelta(days=62))
    back = told_after(gone, a_rota(), NOW + timedelta(days=2))
    assert (back[uid].cancelled, back[uid].sequence) == (False, 2)


def test_what_only_grows_old_is_let_go_without_a_word() -> None:
    first = told_after({}, a_rota(), NOW)
    later = told_after(first, a_rota(), NOW + timedelta(days=40))
    gone = {uid for uid in first if uid not in later}
    assert gone
    assert all(first[uid].end <= window(NOW + timedelta(days=40))[0] for uid in gone)
    assert not any(one.cancelled for one in later.values())


def test_through_a_day_the_window_stays() -> None:
    assert window(utc(2026, 6, 10)) == window(utc(2026, 6, 10, 23, 59))
    assert window(NOW) == (utc(2026, 5, 11), utc(2026, 12, 7))


def test_what_is_kept_is_read_back() -> None:
    first = told_after({}, a_rota(), NOW)
    gone = told_after(first, a_rota(Change(1, Replace(Stretch("ann", instance=NIGHT), "bao"))), NOW)
    assert from_plain(to_plain(gone.values())) == gone


@pytest.mark.parametrize("hour", [0, 13])
def test_a_shift_at_the_edge_of_the_window_is_told_whole(hour: int) -> None:
    now = utc(2026, 7, 15, hour)  # the window begins on 15 June at midnight, within the night of the 14th
    pattern = replace(a_pattern("ann", "20:00", "04:00", days=frozenset({6})), id="night")
    found = entries(Rota("UTC", (pattern,)), now=now)
    assert min(one.start for one in found.values()) == utc(2026, 6, 14, 20)
