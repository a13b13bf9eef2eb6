"""People of another desk who help out; and what an edit changes for whom."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from handoff.model import Tier
from handoff.rota.absence import Absence
from handoff.rota.changes import Add, Change, ChangeStatus, Close, Remove, Replace, Stretch
from handoff.rota.coverage import gaps
from handoff.rota.demand import Need
from handoff.rota.pattern import Offered, Rota, Timing
from handoff.rota.preview import gaps_changed, preview, with_approved
from handoff.rota.questions import next_change, next_opening, on_duty, open_at
from handoff.rota.resolve import final_duty
from handoff.rota.spill import Spill, SpillWhen
from tests.handoff.builders import EVERY_DAY, a_pattern, utc

Row = tuple[str, str, str, str, str]


def at(hour: float, day: int = 1) -> datetime:
    return utc(2026, 6, day) + timedelta(hours=hour)


def rows(rota: Rota, others: dict[str, Rota], since: datetime, until: datetime) -> list[Row]:
    return [
        (duty.volunteer, duty.tier.value, duty.desk, f"{duty.start:%H:%M}", f"{duty.end:%H:%M}")
        for duty in final_duty(rota, since, until, others)
    ]


VILNIUS = Rota(
    "UTC",
    (a_pattern("vita", "08:00", "20:00"), a_pattern("ona", "08:00", "20:00", Tier.BACKUP)),
    {"vita": Offered(languages=frozenset({"lt"}))},
)
HERE = Rota("UTC", (a_pattern("ann", "10:00", "12:00"),))


def test_another_desk_helps_out_while_nobody_is_on() -> None:
    rota = replace(HERE, spill=(Spill("vilnius"),))
    assert rows(rota, {"vilnius": VILNIUS}, at(6), at(22)) == [
        ("vita", "backup", "vilnius", "08:00", "10:00"),
        ("ann", "primary", "", "10:00", "12:00"),
        ("vita", "backup", "vilnius", "12:00", "20:00"),
    ]


def test_a_desk_that_is_closed_takes_no_help() -> None:
    shut = Change(1, Close(at(9), at(11)))
    rota = replace(HERE, spill=(Spill("vilnius"),), changes=(shut,))
    assert rows(rota, {"vilnius": VILNIUS}, at(6), at(14)) == [
        ("vita", "backup", "vilnius", "08:00", "09:00"),
        ("ann", "primary", "", "11:00", "12:00"),
        ("vita", "backup", "vilnius", "12:00", "14:00"),
    ]


def test_without_the_other_rota_nobody_helps_out() -> None:
    rota = replace(HERE, spill=(Spill("vilnius"),))
    assert rows(rota, {}, at(6), at(22)) == [("ann", "primary", "", "10:00", "12:00")]
    assert rows(rota, {"riga": VILNIUS}, at(6), at(22)) == [("ann", "primary", "", "10:00", "12:00")]


def test_it_may_help_at_all_times_or_at_some_in_a_tier_of_choice() -> None:
    evenings = Timing(EVERY_DAY, time(17), time(9))
    spill = Spill("vilnius", SpillWhen.ALWAYS, Tier.BACKUP, Tier.PRIMARY, evenings)
    rota = replace(HERE, spill=(spill,))
    assert rows(rota, {"vilnius": VILNIUS}, at(6), at(22)) == [
        ("ona", "primary", "vilnius", "08:00", "09:00"),
        ("ann", "primary", "", "10:00", "12:00"),
        ("ona", "primary", "vilnius", "17:00", "20:00"),
    ]


def test_over_the_short_night_help_comes_for_the_hour_that_is_left_and_leave_stands_above_cover() -> None:
    nights = (a_pattern("ann", "22:00", "02:00"), a_pattern("bao", "04:00", "08:00"))
    night = utc(2026, 3, 28)
    covered = Change(1, Replace(Stretch("ann", night, night + timedelta(days=1)), "cleo"))
    rota = Rota(
        "Europe/Bucharest",
        nights,
        changes=(covered,),
        absences=(Absence("cleo", night.replace(hour=22), night + timedelta(days=2)),),
        spill=(Spill("london"),),
    )
    london = Rota("Europe/London", (a_pattern("lon", "00:00", "03:00"),))
    # 02:00 to 04:00 in Bucharest is one hour that night; from 00:00 to 03:00 in London pass two.
    assert rows(rota, {"london": london}, night.replace(hour=18), night + timedelta(hours=30)) == [
        ("cleo", "primary", "", "20:00", "22:00"),
        ("lon", "backup", "london", "00:00", "01:00"),
        ("bao", "primary", "", "01:00", "05:00"),
    ]


def test_who_is_on_here_does_not_help_out_here_as_well() -> None:
    both = replace(VILNIUS, patterns=(a_pattern("Ann", "08:00", "20:00"),))
    rota = replace(HERE, spill=(Spill("vilnius", SpillWhen.ALWAYS), Spill("riga", SpillWhen.ALWAYS)))
    assert rows(rota, {"vilnius": both, "riga": both}, at(6), at(22)) == [
        ("Ann", "backup", "vilnius", "08:00", "10:00"),
        ("ann", "primary", "", "10:00", "12:00"),
        ("Ann", "backup", "vilnius", "12:00", "20:00"),
    ]


def test_two_desks_that_help_each_other_do_not_go_round_in_circles() -> None:
    here, there = replace(HERE, spill=(Spill("vilnius"),)), replace(VILNIUS, spill=(Spill("here"),))
    both = {"here": here, "vilnius": there}
    assert {row[0] for row in rows(here, both, at(6), at(22))} == {"ann", "vita"}
    assert {row[0] for row in rows(there, both, at(6), at(22))} == {"vita", "ona"}


def test_the_questions_count_those_who_help() -> None:
    rota = replace(HERE, spill=(Spill("vilnius", gives=Tier.PRIMARY),))
    others = {"vilnius": VILNIUS}
    assert open_at(rota, at(9), others)
    assert not open_at(rota, at(9))
    assert next_opening(rota, at(6), others) == at(8)
    assert next_change(rota, at(9), others) == at(10)
    (duty,) = on_duty(rota, at(9), others)
    assert (duty.volunteer, duty.desk, duty.offers.languages) == ("vita", "vilnius", {"lt"})


# --- preview --------------------------------------------------------------------------------------------
def test_only_those_for_whom_something_changes_are_told() -> None:
    night = replace(a_pattern("ann", "20:00", "04:00"), id="night")
    day = replace(a_pattern("bao", "08:00", "16:00"), id="day")
    before = Rota("UTC", (night, day, a_pattern("cleo", "08:00", "09:00")))
    later = replace(night, timing=replace(night.timing, starts=time(21), valid_from=date(2026, 6, 2)))
    ended = replace(night, id="old", timing=replace(night.timing, valid_to=date(2026, 6, 1)))
    after = replace(before, patterns=(ended, later, replace(day, who=("dana",)), before.patterns[2]))
    found = preview(before, after, at(0), at(12, 3))
    assert set(found) == {"ann", "bao", "dana"}
    assert [f"{one.start:%d}" for one in found["bao"].removed] == ["01", "02", "03"]
    assert [f"{one.start:%d}" for one in found["dana"].added] == ["01", "02", "03"]
    (moved,) = found["ann"].moved
    assert (f"{moved.before.start:%d %H:%M}", f"{moved.after.start:%d %H:%M}") == ("02 20:00", "02 21:00")


def test_a_shift_that_goes_on_under_another_name_is_no_difference() -> None:
    before = Rota("UTC", (replace(a_pattern("ann", "20:00", "04:00"), id="night"),))
    after = Rota("UTC", (replace(a_pattern("ann", "20:00", "04:00"), id="late"),))
    assert preview(before, after, at(0), at(0, 9)) == {}


def test_another_tier_is_a_difference() -> None:
    before = Rota("UTC", (replace(a_pattern("ann", "20:00", "04:00"), id="night"),))
    after = Rota("UTC", (replace(a_pattern("ann", "20:00", "04:00", Tier.BACKUP), id="night"),))
    (moved,) = preview(before, after, at(12), at(12, 2))["ann"].moved
    assert (moved.before.tier, moved.after.tier) == (Tier.PRIMARY, Tier.BACKUP)


def test_an_edit_opens_gaps_and_closes_others() -> None:
    two = {Tier.PRIMARY: 2}
    rota = Rota("UTC", (a_pattern("ann", "08:00", "16:00"), a_pattern("bao", "08:00", "12:00")))
    drafts = (
        Change(1, Remove(Stretch("ann", at(8), at(10))), ChangeStatus.DRAFT),
        Change(2, Add("cleo", at(12), at(20)), ChangeStatus.DRAFT),
        Change(3, Add("dana", at(0), at(24)), ChangeStatus.DRAFT),
    )
    before = replace(rota, changes=drafts)
    after = with_approved(before, {1, 2}, at(0))
    day = at(6), at(22)
    changed = gaps_changed(gaps(before, *day, two), gaps(after, *day, two))
    one_short = ((Need(Tier.PRIMARY), 1),)
    assert [(gap.start, gap.end, gap.missing) for gap in changed.opened] == [(at(8), at(10), one_short)]
    assert [(gap.start, gap.end, gap.missing) for gap in changed.closed] == [(at(12), at(20), one_short)]
    assert gaps_changed(gaps(after, *day, two), gaps(after, *day, two)) == ((), ())
