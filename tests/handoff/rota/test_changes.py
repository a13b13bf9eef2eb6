"""Changes, absences and what they do to a shift that was split, moved, edited or undone."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from handoff.model import Tier
from handoff.rota.absence import Absence, AbsenceKind
from handoff.rota.changes import (
    Act,
    Add,
    CancelInstance,
    Change,
    ChangeStatus,
    Close,
    MoveInstance,
    Remove,
    Replace,
    Stretch,
    Swap,
    Undo,
    aliases,
)
from handoff.rota.pattern import Offered, Rota, Rotation, ShiftPattern, Timing
from handoff.rota.records import (
    BadRecord,
    read_absence,
    read_change,
    write_absence,
    write_change,
)
from handoff.rota.recurrence import read_rule
from handoff.rota.resolve import final_duty
from tests.handoff.builders import EVERY_DAY, utc

MONDAY = utc(2026, 6, 1)
NIGHT = "night/2026-06-01"  # 20:00Z to 04:00Z
Row = tuple[str, str, str]


def at(hour: float, day: int = 1) -> datetime:
    return utc(2026, 6, day) + timedelta(hours=hour)


def a_rota(*acts: Act | Change, **fields: object) -> Rota:
    """Ann has the nights, Bao the days from 08:00; zone UTC."""
    numbered = tuple(act if isinstance(act, Change) else Change(seq, act) for seq, act in enumerate(acts, 1))
    night = ShiftPattern("night", ("ann",), Tier.PRIMARY, Timing(EVERY_DAY, time(20), time(4)))
    day = ShiftPattern("day", ("bao",), Tier.PRIMARY, Timing(EVERY_DAY, time(8), time(16)))
    return replace(Rota("UTC", (night, day), changes=numbered), **fields)


def on(rota: Rota, since: datetime | None = None, until: datetime | None = None) -> list[Row]:
    """Who, from, to, by default on the 1st and the morning of the 2nd; pieces that meet are told as one."""
    since, until = since or at(0), until or at(8, 2)
    found: list[Row] = []
    for duty in sorted(final_duty(rota, since, until), key=lambda each: (each.volunteer, each.start)):
        start, end = f"{duty.start:%d %H:%M}", f"{duty.end:%d %H:%M}"
        if found and found[-1][0] == duty.volunteer and found[-1][2] == start:
            found[-1] = (duty.volunteer, found[-1][1], end)
        else:
            found.append((duty.volunteer, start, end))
    return found


def of(rows: Iterable[Row], *people: str) -> list[Row]:
    return [row for row in rows if row[0] in people]


NIGHT_PLANNED = ("ann", "01 20:00", "02 04:00")


# --- the kinds ------------------------------------------------------------------------------------------
def test_a_shift_named_by_its_id_is_replaced_whole() -> None:
    rows = on(a_rota(Replace(Stretch("ann", instance=NIGHT), "cleo")))
    assert of(rows, "ann", "cleo") == [("ann", "01 00:00", "01 04:00"), ("cleo", "01 20:00", "02 04:00")]


def test_a_window_within_a_named_shift_is_that_part_of_it() -> None:
    part = Stretch("ann", at(0), at(23), NIGHT)
    rows = on(a_rota(Replace(part, "cleo")))
    assert of(rows, "cleo") == [("cleo", "01 20:00", "01 23:00")]
    assert ("ann", "01 00:00", "01 04:00") in rows  # the night before is another shift


def test_what_somebody_is_said_to_bring_to_her_line_does_not_pass_on_to_who_covers() -> None:
    own = Offered(languages=frozenset({"lt"}))
    patterns = a_rota().patterns
    rota = a_rota(
        Replace(Stretch("ann", instance=NIGHT), "cleo"),
        patterns=(replace(patterns[0], offers=own), patterns[1]),
        volunteers={"cleo": Offered(languages=frozenset({"ro"}))},
    )
    brought = {duty.volunteer: duty.offers.languages for duty in final_duty(rota, at(0), at(23))}
    assert brought == {"ann": {"lt"}, "bao": frozenset(), "cleo": {"ro"}}


def test_add_joins_a_shift_or_stands_alone_in_its_tier() -> None:
    rota = a_rota(Add("cleo", at(20), at(22), Tier.SUPERVISOR, "lead", NIGHT), Add("dana", at(9), at(10)))
    added = {duty.volunteer: duty for duty in final_duty(rota, at(5), at(23)) if duty.change is not None}
    assert (added["cleo"].tier, added["cleo"].role, added["cleo"].instance) == (
        Tier.SUPERVISOR,
        "lead",
        NIGHT,
    )
    assert (added["dana"].tier, added["dana"].instance, added["dana"].change) == (Tier.PRIMARY, "change-2", 2)


def test_a_swap_of_named_shifts_crosses_them() -> None:
    rows = on(a_rota(Swap(Stretch("ann", instance=NIGHT), Stretch("bao", instance="day/2026-06-01"))))
    assert of(rows, "ann") == [("ann", "01 00:00", "01 04:00"), ("ann", "01 08:00", "01 16:00")]
    assert of(rows, "bao") == [("bao", "01 20:00", "02 04:00")]


def test_a_swap_with_oneself_changes_nothing() -> None:
    both = Swap(Stretch("ann", instance=NIGHT), Stretch("ann", instance="night/2026-06-02"))
    assert on(a_rota(both), until=at(8, 3)) == on(a_rota(), until=at(8, 3))


def test_a_cancelled_shift_is_nobodys_whoever_had_it() -> None:
    rota = a_rota(Replace(Stretch("ann", at(22), at(23), NIGHT), "cleo"), CancelInstance(NIGHT))
    assert of(on(rota), "ann", "cleo") == [("ann", "01 00:00", "01 04:00")]


def test_a_moved_shift_takes_its_people_and_their_parts_along() -> None:
    rota = a_rota(
        Replace(Stretch("ann", at(22), at(23), NIGHT), "cleo"),
        MoveInstance(NIGHT, at(18, 3), at(3, 4)),
    )
    assert of(on(rota), "ann", "cleo") == [("ann", "01 00:00", "01 04:00")]
    moved = on(rota, at(16, 3), at(8, 4))
    assert of(moved, "cleo") == [("cleo", "03 20:00", "03 21:00")]
    # Her own night of the 3rd goes on beside it: she is on without a break.
    assert of(moved, "ann") == [("ann", "03 18:00", "04 04:00")]
    pieces = [duty for duty in final_duty(rota, at(16, 3), at(8, 4)) if duty.instance == NIGHT]
    assert {duty.change for duty in pieces} == {2}


def test_a_move_is_seen_from_the_new_time_and_from_the_old_one() -> None:
    rota = a_rota(MoveInstance("night/2026-06-20", at(10), at(12)))
    assert of(on(rota, at(9), at(13)), "ann") == [("ann", "01 10:00", "01 12:00")]
    assert of(on(rota, at(20, 20), at(23, 20)), "ann") == []


def test_a_shift_moved_twice_is_where_it_was_moved_last() -> None:
    rota = a_rota(
        MoveInstance(NIGHT, at(20, 3), at(4, 4)),
        Remove(Stretch("ann", instance="night/2026-06-03")),
        MoveInstance(NIGHT, at(10, 5), at(12, 5)),
    )
    assert of(on(rota, at(12, 3), at(12, 4)), "ann") == []
    assert of(on(rota, at(9, 5), at(13, 5)), "ann") == [("ann", "05 10:00", "05 12:00")]


def test_a_swap_follows_its_shift_when_the_pattern_is_edited() -> None:
    swap = Swap(Stretch("ann", instance=NIGHT), Stretch("bao", instance="day/2026-06-02"))
    patterns = a_rota().patterns
    later = replace(patterns[0], timing=replace(patterns[0].timing, starts=time(21)))
    edited = a_rota(swap, patterns=(later, patterns[1]))
    assert of(on(edited, at(18), at(6, 2)), "ann", "bao") == [("bao", "01 21:00", "02 04:00")]


def test_a_change_to_a_shift_that_is_not_there_does_nothing() -> None:
    for name in (
        "night/2026-06-31",
        "nobody/2026-06-01",
        "night",
        "",
        "night/2026-06-01/7",
        "u/20269999T000000Z",
    ):
        rota = a_rota(
            CancelInstance(name), MoveInstance(name, at(0), at(1)), Remove(Stretch("ann", instance=name))
        )
        assert on(rota) == on(a_rota())


# --- effective time, status and undo -------------------------------------------------------------------
def effective(seq: int, act: Act, moment: datetime, status: ChangeStatus = ChangeStatus.APPROVED) -> Change:
    return Change(seq, act, status, effective_at=moment)


def test_a_change_acts_only_from_its_effective_time_on() -> None:
    """Routing case 16: approved two minutes after the start, only the rest of the window moves."""
    late = effective(1, Replace(Stretch("ann", instance=NIGHT), "cleo"), at(20) + timedelta(minutes=2))
    rows = of(on(a_rota(late), at(18)), "ann", "cleo")
    assert rows == [("ann", "01 20:00", "01 20:02"), ("cleo", "01 20:02", "02 04:00")]


@pytest.mark.parametrize("act", [CancelInstance(NIGHT), Remove(Stretch("ann", instance=NIGHT))])
def test_what_is_past_of_a_cancelled_shift_has_been(act: Act) -> None:
    assert of(on(a_rota(effective(1, act, at(22))), at(18)), "ann") == [("ann", "01 20:00", "01 22:00")]


def test_a_shift_moved_while_it_runs_keeps_what_was_and_takes_its_new_time() -> None:
    rota = a_rota(effective(1, MoveInstance(NIGHT, at(23), at(6, 2)), at(22)))
    assert of(on(rota, at(18)), "ann") == [("ann", "01 20:00", "01 22:00"), ("ann", "01 23:00", "02 06:00")]


def test_an_undone_change_acts_no_more_from_then_on() -> None:
    rota = a_rota(
        effective(1, Replace(Stretch("ann", instance=NIGHT), "cleo"), at(0)),
        effective(2, Undo(1), at(23)),
    )
    rows = of(on(rota, at(18)), "ann", "cleo")
    assert rows == [("ann", "01 23:00", "02 04:00"), ("cleo", "01 20:00", "01 23:00")]


def test_an_undo_can_be_undone() -> None:
    rota = a_rota(
        effective(1, Replace(Stretch("ann", instance=NIGHT), "cleo"), at(0)),
        effective(2, Undo(1), at(22)),
        effective(3, Undo(2), at(2, 2)),
    )
    rows = of(on(rota, at(18)), "ann", "cleo")
    assert rows == [
        ("ann", "01 22:00", "02 02:00"),
        ("cleo", "01 20:00", "01 22:00"),
        ("cleo", "02 02:00", "02 04:00"),
    ]


def test_an_undone_move_goes_back_to_where_the_shift_was_planned() -> None:
    moved = effective(1, MoveInstance(NIGHT, at(10, 3), at(12, 3)), at(0))
    rota = a_rota(moved, effective(2, Undo(1), at(12)))
    assert of(on(rota, at(18)), "ann") == [NIGHT_PLANNED]
    assert of(on(rota, at(9, 3), at(13, 3)), "ann") == []


def test_an_undo_that_was_only_proposed_undoes_nothing() -> None:
    rota = a_rota(Remove(Stretch("ann", instance=NIGHT)), effective(2, Undo(1), at(0), ChangeStatus.PROPOSED))
    assert of(on(rota, at(18)), "ann") == []


def test_later_changes_see_what_an_undone_one_left() -> None:
    rota = a_rota(
        Replace(Stretch("ann", instance=NIGHT), "cleo"),
        Replace(Stretch("cleo", instance=NIGHT), "dana"),
        Undo(1),
    )
    assert of(on(rota, at(18)), "ann", "cleo", "dana") == [NIGHT_PLANNED]


# --- absence --------------------------------------------------------------------------------------------
def test_leave_comes_after_every_change() -> None:
    rota = a_rota(
        Swap(Stretch("ann", instance=NIGHT), Stretch("bao", instance="day/2026-06-02")),
        absences=(Absence("bao", at(22), at(10, 2)),),
    )
    assert of(on(rota, at(18), at(18, 2)), "bao") == [("bao", "01 20:00", "01 22:00")]


def test_somebody_blocked_is_missing_until_she_is_not() -> None:
    blocked = Absence("ann", at(22), kind=AbsenceKind.BLOCKED)
    assert of(on(a_rota(absences=(blocked,)), at(18), at(18, 9)), "ann") == [("ann", "01 20:00", "01 22:00")]
    back = replace(blocked, withdrawn_at=at(1, 2))
    assert of(on(a_rota(absences=(back,)), at(18)), "ann") == [
        ("ann", "01 20:00", "01 22:00"),
        ("ann", "02 01:00", "02 04:00"),
    ]


def test_leave_noted_late_leaves_what_has_been() -> None:
    late = Absence("ann", at(18), at(6, 2), effective_at=at(23))
    assert of(on(a_rota(absences=(late,)), at(18)), "ann") == [("ann", "01 20:00", "01 23:00")]


def test_overlapping_leave_is_one_absence() -> None:
    twice = (Absence("ann", at(21), at(23)), Absence("ann", at(22), at(1, 2)), Absence("ann", at(23), at(22)))
    assert of(on(a_rota(absences=twice), at(18)), "ann") == [
        ("ann", "01 20:00", "01 21:00"),
        ("ann", "02 01:00", "02 04:00"),
    ]


def test_only_those_who_can_answer_are_on_duty() -> None:
    rota = a_rota(Replace(Stretch("ann", instance=NIGHT), "Cleo"), answering=frozenset({"cleo"}))
    assert on(rota) == [("Cleo", "01 20:00", "02 04:00")]


# --- rotations ------------------------------------------------------------------------------------------
def turns(rota: Rota, days: int = 12) -> str:
    duties = final_duty(rota, at(0), at(0, 1) + timedelta(days=days))
    return " ".join(duty.volunteer for duty in duties)


def a_rotation(timing: Timing, **fields: object) -> Rota:
    values: dict[str, object] = {"groups": (("ann",), ("bao",), ("cleo",)), "anchor": date(2026, 6, 1)}
    rotation = Rotation(**{**values, **fields})
    return Rota("UTC", (ShiftPattern("r", (), Tier.PRIMARY, timing, rotation=rotation),))


WEEKDAYS = Timing(frozenset(range(5)), time(8), time(12))


def test_turns_are_counted_on_allowed_days_only() -> None:
    assert turns(a_rotation(WEEKDAYS)) == "ann bao cleo ann bao cleo ann bao cleo ann"


def test_an_exception_moves_nobodys_turn() -> None:
    timing = replace(WEEKDAYS, but_not=frozenset({date(2026, 6, 2)}), also=(date(2026, 6, 6),))
    # Saturday the 6th is added and goes to whose turn Monday would be; the 2nd falls out.
    assert turns(a_rotation(timing)) == "ann cleo ann bao cleo cleo ann bao cleo ann"


def test_a_turn_can_last_several_shifts() -> None:
    assert turns(a_rotation(WEEKDAYS, turn=5)) == " ".join(["ann"] * 5 + ["bao"] * 5)


def test_before_the_anchor_turns_are_counted_backwards() -> None:
    assert turns(a_rotation(WEEKDAYS, anchor=date(2026, 6, 3)), 4) == "bao cleo ann bao"


def test_a_group_is_on_together() -> None:
    assert turns(a_rotation(WEEKDAYS, groups=(("ann", "bao"), ("cleo",))), 2) == "ann bao cleo"


@pytest.mark.parametrize("rule", ["FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"])
def test_turns_by_a_rule_are_the_turns_by_days(rule: str) -> None:
    ruled = replace(WEEKDAYS, days=frozenset(), rule=read_rule(rule), first=date(2025, 1, 6))
    for anchor in (date(2025, 3, 5), date(2026, 6, 1), date(2026, 7, 1)):
        assert turns(a_rotation(ruled, anchor=anchor)) == turns(a_rotation(WEEKDAYS, anchor=anchor))


def test_two_shifts_of_one_day_are_two_turns() -> None:
    rule = read_rule("FREQ=DAILY;BYHOUR=8,16")
    timing = replace(WEEKDAYS, days=frozenset(), rule=rule, first=date(2026, 6, 1))
    duties = final_duty(a_rotation(timing), at(0), at(0, 3))
    assert [duty.volunteer for duty in duties] == ["ann", "bao", "cleo", "ann"]
    assert [duty.instance for duty in duties][:2] == ["r/2026-06-01", "r/2026-06-01/2"]


# --- records --------------------------------------------------------------------------------------------
ACTS: tuple[Act, ...] = (
    Replace(Stretch("ann", at(1), at(2)), "bao"),
    Replace(Stretch("ann", instance=NIGHT), "bao"),
    Remove(Stretch("ann", at(1), at(2), NIGHT)),
    Add("ann", at(1), at(2), Tier.SHADOW, "listens", NIGHT),
    Swap(Stretch("ann", at(1), at(2)), Stretch("bao", instance=NIGHT)),
    CancelInstance(NIGHT),
    MoveInstance(NIGHT, at(1), at(2)),
    Close(at(1), at(2)),
    Undo(3),
)


@pytest.mark.parametrize("act", ACTS)
def test_a_record_is_read_back_as_it_was_written(act: Act) -> None:
    change = Change(7, act, ChangeStatus.PROPOSED, at(0), at(1), "ann", "alder", "ill")
    assert read_change(write_change(change)) == change
    assert read_change(write_change(Change(8, act))) == Change(8, act)


def test_an_absence_is_read_back_as_it_was_written() -> None:
    absence = Absence("ann", at(1), at(2), AbsenceKind.BLOCKED, at(0), at(1), at(0))
    assert read_absence(write_absence(absence)) == absence
    assert read_absence({"volunteer": "ann", "start": "2026-06-01T00:00:00Z"}) == Absence("ann", at(0))


def test_everybody_a_change_names_is_told() -> None:
    named = {frozenset(aliases(Change(1, act))) for act in ACTS}
    assert named == {frozenset({"ann", "bao"}), frozenset({"ann"}), frozenset()}


NOON = {"start": "2026-06-01T12:00:00Z", "end": "2026-06-01T13:00:00Z"}
ADD = {"seq": 1, "kind": "add", "to": "a", "status": "approved"}
REMOVE = {"seq": 1, "kind": "remove", "from": "a", "status": "approved"}


@pytest.mark.parametrize(
    ("plain", "part"),
    [
        ([], "a change is a mapping"),
        ({"seq": 1}, "kind: None is none of"),
        ({"seq": 1, "kind": "add", "to": "a", "wher": 1}, "no field 'wher'"),
        ({"kind": "undo", "undo_of": 1, "status": "approved"}, "seq is a whole number"),
        ({"seq": 1, "kind": "undo", "undo_of": True, "status": "approved"}, "undo_of is a whole number"),
        ({"seq": 1, "kind": "undo", "undo_of": 1, "status": "done"}, "'done' is not one"),
        ({"seq": 1, "kind": "cancel_instance", "status": "approved"}, "instance is missing"),
        ({"seq": 1, "kind": "swap", "status": "approved", "a": {"who": "x"}}, "a.start is missing"),
        ({"seq": 1, "kind": "swap", "status": "approved"}, "a of a swap is a mapping"),
        ({**REMOVE, "start": NOON["start"]}, "end is missing"),
        ({**ADD, "start": NOON["end"], "end": NOON["start"]}, "not lie after"),
        ({**ADD, **NOON, "to": ""}, "to is missing"),
        ({**ADD, **NOON, "start": "2026-06-01T12:00"}, "no offset"),
        ({**ADD, **NOON, "tier": "first"}, "'first' is not one"),
    ],
)
def test_a_record_with_a_fault_names_the_field(plain: object, part: str) -> None:
    with pytest.raises(BadRecord, match=part):
        read_change(plain)
