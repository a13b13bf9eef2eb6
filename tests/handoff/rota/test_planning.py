"""Planning: the past is closed, whatever is recorded, edited, approved or undone now."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from handoff.model import Duty, Tier
from handoff.rota.absence import Absence
from handoff.rota.changes import (
    Act,
    Add,
    CancelInstance,
    ChangeStatus,
    Close,
    MoveInstance,
    Remove,
    Replace,
    Stretch,
    Swap,
    Undo,
)
from handoff.rota.pattern import CalendarPattern, Rota, Rotation, ShiftPattern, Timing
from handoff.rota.planning import (
    NotPlanned,
    PastClosed,
    UnknownChange,
    away_from,
    back,
    continued,
    decided,
    duty_hash,
    edited,
    horizon,
    known_at,
    recorded,
)
from handoff.rota.preview import preview
from handoff.rota.resolve import final_duty, spells
from tests.handoff.builders import EVERY_DAY, a_pattern, utc
from tests.handoff.rota.calendars import calendar, event, series_of

NOW = utc(2026, 4, 3, 13)
PEOPLE = ("ann", "bao", "cleo", "dana")
CALENDAR = calendar(
    event(
        "DTSTART;TZID=Europe/Berlin:20260301T220000",
        "DTEND;TZID=Europe/Berlin:20260302T060000",
        "RRULE:FREQ=DAILY;INTERVAL=2",
        "ATTENDEE:mailto:dana@rota.test",
    ),
    event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260403T220000",
        "DTSTART;TZID=Europe/Berlin:20260403T120000",
        "DTEND;TZID=Europe/Berlin:20260403T180000",
        "SEQUENCE:1",
        "ATTENDEE:mailto:bao@rota.test",
    ),
)


def a_rota(*patterns: ShiftPattern, **fields: object) -> Rota:
    turns = Rotation((("ann",), ("bao",), ("cleo", "dana")), date(2026, 3, 2))
    standing = (
        ShiftPattern("night", (), Tier.PRIMARY, Timing(EVERY_DAY, time(20), time(4)), rotation=turns),
        a_pattern("ann", "09:00", "17:00", Tier.BACKUP, frozenset({0, 2, 4})),
    )
    rota = Rota("Europe/Bucharest", patterns or standing, calendars=(_calendar(),))
    return replace(rota, **fields)


def _calendar() -> CalendarPattern:
    return CalendarPattern("nights.ics", Tier.SUPERVISOR, series_of(CALENDAR))


# --- records --------------------------------------------------------------------------------------------
def test_a_record_gets_the_next_number_and_acts_from_now_on() -> None:
    first = recorded((), CancelInstance("x"), NOW, reason="ill", proposed_by="ann")
    second = recorded((first,), Undo(1), NOW + timedelta(hours=1))
    assert (first.seq, first.effective_at, first.recorded_at, first.reason) == (1, NOW, NOW, "ill")
    assert (second.seq, second.effective_at) == (2, NOW + timedelta(hours=1))


def test_a_record_may_act_later_but_never_earlier() -> None:
    later = NOW + timedelta(days=2)
    assert recorded((), CancelInstance("x"), NOW, effective_at=later).effective_at == later
    with pytest.raises(PastClosed, match="cannot be planned any more"):
        recorded((), CancelInstance("x"), NOW, effective_at=NOW - timedelta(seconds=1))


def test_an_undo_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownChange, match="no change number 3"):
        recorded((), Undo(3), NOW)


def test_a_late_approval_acts_from_the_approval_on() -> None:
    asked = recorded((), CancelInstance("x"), NOW, status=ChangeStatus.PROPOSED, proposed_by="ann")
    approved = decided(asked, ChangeStatus.APPROVED, NOW + timedelta(hours=2), by="alder")
    assert (approved.effective_at, approved.approved_by) == (NOW + timedelta(hours=2), "alder")
    with pytest.raises(PastClosed, match="record an undo"):
        decided(approved, ChangeStatus.WITHDRAWN, NOW + timedelta(hours=3))


def test_an_absence_noted_and_ended_changes_nothing_behind_it() -> None:
    leave = away_from(Absence("ann", NOW - timedelta(days=2), NOW + timedelta(days=9)), NOW)
    assert leave.effective_at == NOW
    ended = back(leave, NOW + timedelta(days=1))
    assert ended.withdrawn_at == NOW + timedelta(days=1)
    assert back(ended, NOW + timedelta(days=5)).withdrawn_at == NOW + timedelta(days=1)


# --- editions -------------------------------------------------------------------------------------------
def spans(rota: Rota, start: datetime, end: datetime) -> list[tuple[str, str, str]]:
    duties = spells(final_duty(rota, start, end))
    return [(duty.volunteer, f"{duty.start:%d %H:%M}", f"{duty.end:%d %H:%M}") for duty in duties]


def test_a_new_edition_begins_now_and_a_running_shift_changes_hands() -> None:
    old = Rota("UTC", (a_pattern("ann", "08:00", "20:00"),))
    new = Rota("UTC", (a_pattern("bao", "10:00", "22:00"),))
    found = spans(edited(old, new, NOW), utc(2026, 4, 2), utc(2026, 4, 5))
    assert found == [
        ("ann", "02 08:00", "02 20:00"),
        ("ann", "03 08:00", "03 13:00"),
        ("bao", "03 13:00", "03 22:00"),
        ("bao", "04 10:00", "04 22:00"),
    ]


def test_a_shift_that_both_editions_plan_alike_stays_one_piece() -> None:
    rota = a_rota()
    same = edited(rota, a_rota(), NOW)
    window = (utc(2026, 4, 1), utc(2026, 4, 6))
    assert final_duty(same, *window) == final_duty(rota, *window)


def test_an_edition_can_be_planned_ahead_and_be_overtaken() -> None:
    rota, may = a_rota(), utc(2026, 5, 1)
    ahead = edited(rota, Rota("UTC", (a_pattern("bao", "10:00", "22:00"),)), NOW, may)
    assert final_duty(ahead, NOW, may) == final_duty(rota, NOW, may)
    assert {duty.volunteer for duty in final_duty(ahead, may, may + timedelta(days=5))} == {"bao"}
    overtaken = edited(ahead, Rota("UTC", (a_pattern("cleo", "10:00", "22:00"),)), NOW + timedelta(days=1))
    assert {duty.volunteer for duty in final_duty(overtaken, may, may + timedelta(days=5))} == {"cleo"}
    with pytest.raises(PastClosed):
        edited(rota, rota, NOW, NOW - timedelta(days=1))


def test_a_shift_moved_forward_and_worked_stays_worked_when_its_line_goes() -> None:
    """Found by the property below: the evening's shift was moved to noon, and is over when the line ends."""
    act = MoveInstance("night/2026-04-03", utc(2026, 4, 3, 12), NOW)
    rota = a_rota(changes=(recorded((), act, NOW - timedelta(days=2)),))
    window = (utc(2026, 4, 3, 12), NOW)
    worked = final_duty(rota, *window)
    assert any(duty.change == 1 for duty in worked)
    assert final_duty(edited(rota, Rota("UTC", ()), NOW), *window) == worked


def test_changes_and_absences_outlive_an_edition() -> None:
    act = Add("dana", NOW + timedelta(days=2), NOW + timedelta(days=2, hours=3))
    rota = a_rota(changes=(recorded((), act, NOW),))
    new = edited(rota, Rota("UTC", (a_pattern("bao", "10:00", "12:00"),)), NOW + timedelta(days=1))
    assert "dana" in {duty.volunteer for duty in final_duty(new, act.start, act.end)}


def test_a_line_is_continued_with_the_turn_it_had() -> None:
    rota = a_rota()
    night = rota.patterns[0]
    before, after = continued(night, date(2026, 4, 10), "night-2")
    later = replace(after, timing=replace(after.timing, starts=time(21)))
    split = replace(rota, patterns=(before, later, *rota.patterns[1:]))
    window = (utc(2026, 4, 5), utc(2026, 4, 20))

    def turns(one: Rota) -> list[tuple[str, ...]]:
        nights = [duty for duty in final_duty(one, *window) if duty.instance.startswith("night")]
        by_day: dict[str, list[str]] = {}
        for duty in nights:
            by_day.setdefault(duty.instance[-10:], []).append(duty.volunteer)
        return [tuple(sorted(by_day[day])) for day in sorted(by_day)]

    assert turns(split) == turns(rota)
    moved = preview(rota, split, *window)
    assert set(moved) == {"ann", "bao", "cleo", "dana"}
    with pytest.raises(NotPlanned):
        continued(rota.patterns[1], date(2026, 4, 11), "x")


def test_the_rota_is_told_as_it_was_known() -> None:
    first = a_rota()
    change = recorded((), Remove(Stretch("ann", NOW, NOW + timedelta(days=30))), NOW)
    leave = away_from(Absence("bao", NOW, NOW + timedelta(days=30)), NOW + timedelta(hours=1))
    second = edited(
        replace(first, changes=(change,), absences=(leave,)), Rota("UTC", ()), NOW + timedelta(hours=2)
    )
    window = (NOW, NOW + timedelta(days=8))
    assert final_duty(known_at(second, NOW - timedelta(hours=1)), *window) == final_duty(first, *window)
    with_change = replace(first, changes=(change,))
    assert final_duty(known_at(second, NOW), *window) == final_duty(with_change, *window)
    assert known_at(second, NOW + timedelta(hours=2)) == second


def test_the_horizon_is_whole_local_days_ahead() -> None:
    assert horizon(a_rota(), NOW) is None
    rota = a_rota(publish_days=1)
    assert horizon(rota, utc(2026, 3, 27, 23)) == utc(
        2026, 3, 29, 21
    )  # the 28th there: until the end of the 29th
    assert horizon(rota, utc(2026, 3, 27, 21)) == utc(2026, 3, 28, 22)


# --- the property ---------------------------------------------------------------------------------------
hours = st.integers(-24 * 40, 24 * 40)
names = st.sampled_from(
    (
        "night/2026-04-02",
        "night/2026-04-03",
        "night/2026-04-04",
        "night/2026-03-10",
        "a/20260403T200000Z",
        "a/20260401T200000Z",
    )
)
moments = hours.map(lambda n: NOW + timedelta(hours=n))
windows = st.tuples(moments, st.integers(1, 200)).map(
    lambda each: (each[0], each[0] + timedelta(hours=each[1]))
)
people = st.sampled_from(PEOPLE)
stretches = st.one_of(
    st.builds(lambda who, window: Stretch(who, *window), people, windows),
    st.builds(lambda who, name: Stretch(who, instance=name), people, names),
    st.builds(lambda who, window, name: Stretch(who, *window, name), people, windows, names),
)
acts: st.SearchStrategy[Act] = st.one_of(
    st.builds(Replace, stretches, people),
    st.builds(Remove, stretches),
    st.builds(lambda who, window, tier: Add(who, *window, tier), people, windows, st.sampled_from(Tier)),
    st.builds(Swap, stretches, stretches),
    st.builds(CancelInstance, names),
    st.builds(lambda name, window: MoveInstance(name, *window), names, windows),
    st.builds(lambda window: Close(*window), windows),
    st.builds(Undo, st.integers(1, 6)),
)
patterns = st.builds(
    a_pattern,
    who=people,
    starts=st.sampled_from(("08:00", "13:30", "20:00", "03:30")),
    ends=st.sampled_from(("12:00", "04:30", "20:00", "23:15")),
    tier=st.sampled_from(tuple(Tier)),
    days=st.frozensets(st.integers(0, 6), min_size=1),
)
absences = st.builds(lambda who, window: Absence(who, *window), people, windows)


def grown(rota: Rota, acted: Sequence[Act], now: datetime) -> Rota:
    """The rota after these were recorded one after the other, an hour apart."""
    for n, act in enumerate(acted):
        try:
            rota = replace(
                rota, changes=(*rota.changes, recorded(rota.changes, act, now + timedelta(hours=n)))
            )
        except UnknownChange:
            continue
    return rota


@settings(max_examples=120, deadline=None)
@given(
    st.lists(acts, max_size=5),
    st.lists(acts, max_size=4),
    st.lists(absences, max_size=2),
    st.none() | st.lists(patterns, max_size=3),
)
def test_no_edit_changes_who_was_on_before_it(
    earlier: list[Act], now_done: list[Act], away: list[Absence], planned: list[ShiftPattern] | None
) -> None:
    before = grown(a_rota(), earlier, NOW - timedelta(days=10))
    month = (NOW - timedelta(days=31), NOW)
    known = duty_hash(final_duty(before, *month))
    after = replace(before, absences=tuple(away_from(one, NOW) for one in away))
    if planned is not None:
        after = edited(after, replace(a_rota(*planned), zone="America/New_York"), NOW)
    after = grown(after, now_done, NOW)
    assert duty_hash(final_duty(after, *month)) == known
    ended = replace(after, absences=tuple(back(one, NOW + timedelta(days=1)) for one in after.absences))
    assert duty_hash(final_duty(ended, *month)) == known


def test_the_hash_tells_a_difference_of_a_second() -> None:
    duty = Duty("ann", Tier.PRIMARY, NOW, NOW + timedelta(hours=1))
    assert duty_hash([duty]) != duty_hash([replace(duty, end=duty.end + timedelta(seconds=1))])
    assert duty_hash([duty]) != duty_hash([replace(duty, tier=Tier.BACKUP)])
    assert duty_hash([duty]) == duty_hash([replace(duty, change=7)])


# --- properties of final_duty over all of it ---------------------------------------------------------------
rotas = st.builds(
    lambda acted, away, planned, zone: edited(
        replace(grown(a_rota(), acted, NOW - timedelta(days=5)), absences=tuple(away)),
        replace(a_rota(*planned), zone=zone),
        NOW,
    ),
    st.lists(acts, max_size=6),
    st.lists(absences, max_size=2),
    st.lists(patterns, min_size=1, max_size=4),
    st.sampled_from(("Europe/Bucharest", "America/New_York", "Australia/Lord_Howe")),
)


def clip(duties: Sequence[Duty], start: datetime, end: datetime) -> list[Duty]:
    cut = [replace(one, start=max(one.start, start), end=min(one.end, end)) for one in duties]
    return [one for one in cut if one.start < one.end]


@settings(max_examples=120, deadline=None)
@given(rotas, hours, st.integers(1, 400), st.integers(0, 300), st.integers(0, 300))
def test_any_smaller_question_is_a_clip_of_the_larger(
    rota: Rota, offset: int, length: int, before: int, behind: int
) -> None:
    start = NOW + timedelta(hours=offset / 4)
    end = start + timedelta(hours=length)
    larger = final_duty(rota, start - timedelta(hours=before), end + timedelta(hours=behind))

    def key(one: Duty) -> tuple[str, datetime, str]:
        return one.volunteer, one.start, one.instance

    assert sorted(final_duty(rota, start, end), key=key) == sorted(clip(larger, start, end), key=key)


@settings(max_examples=80, deadline=None)
@given(rotas, hours, st.integers(1, 400))
def test_nobody_is_twice_and_the_pieces_add_up(rota: Rota, offset: int, length: int) -> None:
    start = NOW + timedelta(hours=offset / 4)
    middle, end = start + timedelta(hours=length / 3), start + timedelta(hours=length)
    whole = final_duty(rota, start, end)
    by_person: dict[str, list[Duty]] = {}
    for duty in whole:
        by_person.setdefault(duty.volunteer, []).append(duty)
    for duties in by_person.values():
        ordered = sorted(duties, key=lambda one: one.start)
        assert all(one.end <= other.start for one, other in itertools.pairwise(ordered))

    def total(duties: Sequence[Duty]) -> timedelta:
        return sum((one.end - one.start for one in duties), timedelta())

    parts = (*final_duty(rota, start, middle), *final_duty(rota, middle, end))
    assert total(parts) == total(whole) == total(spells(whole))
