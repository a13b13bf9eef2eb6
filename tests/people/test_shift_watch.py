"""Shifts looked after: reminders once, whatever happens; who does not come; coming, and late (§3.13)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pyotp
import pytest

from bot.services import calls, check_in, deadlines, own_day, own_shift, people, shift_watch
from bot.services.check_in import BadPin, Proof
from bot.services.desk import DeskRefusal
from bot.services.messenger.posts import open_body
from bot.store import day_tables as d, people_tables as p, staff_tables as s, tables as t
from bot.store.moments import to_moment
from handoff.rota.changes import CancelInstance, MoveInstance
from tests.people.days import (
    BEGINS,
    HOUR,
    MINUTE,
    REMINDED,
    THU,
    WEEK,
    change,
    comes,
    looks,
    missed,
    on,
    passes_to,
    planned,
    posts,
    watched,
)
from tests.routing.crews import profile
from tests.town import Town

pytestmark = pytest.mark.long


# --- reminders ----------------------------------------------------------------------------
async def test_three_reminders_each_once_and_none_after_she_has_come(either_town: Town) -> None:
    town = either_town
    planned(town)
    await passes_to(town, BEGINS - 9 * MINUTE)
    assert posts(town, "Maple") == REMINDED
    comes(town)
    await passes_to(town, BEGINS + HOUR)
    assert posts(town, "Maple") == REMINDED
    assert missed(town) == []
    await passes_to(town, BEGINS + 7 * HOUR)
    assert watched(town) is None
    assert [row.kind for row in town.rows(t.due) if row.kind == "shift_step"] == []


async def test_they_survive_a_restart_and_come_no_second_time(town: Town) -> None:
    planned(town)
    looks(town)
    for _ in range(3):
        town.restarts()
        await passes_to(town, town.clock.at + 10 * HOUR)
    library = town.house.library
    town.restarts()
    town.house.library = library
    await passes_to(town, BEGINS - 9 * MINUTE)
    kinds = [kind for kind, _, _ in posts(town, "Maple")]
    assert kinds == ["reminder"] * 3


async def test_after_a_standstill_only_the_latest_is_told(town: Town) -> None:
    planned(town)
    looks(town)
    town.clock.at = BEGINS - 30 * MINUTE  # the machine was off for a day
    await town.settle()
    assert [(kind, at) for kind, at, _ in posts(town, "Maple")] == [("reminder", BEGINS - 30 * MINUTE)]


async def test_two_processes_that_look_at_once_remind_once(either_town: Town) -> None:
    town = either_town
    planned(town)
    looks(town)
    town.clock.at = BEGINS - 24 * HOUR
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: town.write(lambda c: deadlines.do_due(c, town.house, town.now)), range(8)))
    await town.settle()
    assert len(posts(town, "Maple")) == 1


async def test_what_they_say_is_the_time_on_her_own_clock_and_nothing_else(town: Town) -> None:
    planned(town)
    profile(town, "Maple", zones=[["2026-01-01", "America/New_York"]])
    await passes_to(town, BEGINS - 23 * HOUR)
    key = town.house.vault.organisation
    notices = town.rows(s.staff_post, s.staff_post.c.purpose == "notice")
    told = [open_body(key, row.id, row.body_sealed).text for row in notices]
    assert "A reminder: 2026-11-19 11:00." in told  # Maple's; Alder's is on the desk's clock
    assert "A reminder: 2026-11-19 17:00." in told


async def test_a_moved_shift_is_reminded_of_anew_and_one_that_is_gone_not(town: Town) -> None:
    planned(town)
    await passes_to(town, BEGINS - 12 * HOUR)
    change(town, MoveInstance(THU, BEGINS + 48 * HOUR, BEGINS + 52 * HOUR))
    await passes_to(town, BEGINS + 25 * HOUR)
    assert [at for _, at, _ in posts(town, "Maple")] == [BEGINS - 24 * HOUR, BEGINS + 24 * HOUR]
    change(town, CancelInstance(THU))
    await passes_to(town, BEGINS + 49 * HOUR)
    assert len(posts(town, "Maple")) == 2
    assert town.rows(p.supervisor_call) == []


async def test_every_row_has_a_deadline_whatever_the_clock_does(town: Town) -> None:
    planned(town)
    looks(town)
    await town.passes(hours=1)
    town.clock.step(hours=-1)
    await town.settle()  # every deadline was moved back by the hour
    looks(town)
    assert town.read(shift_watch.unguarded) == 0
    await passes_to(town, BEGINS - 9 * MINUTE)
    assert [at for _, at, _ in posts(town, "Maple")] == [at for _, at, _ in REMINDED]


# --- who does not come ----------------------------------------------------------------------------
async def test_who_does_not_come_is_missed_and_others_are_asked(either_town: Town) -> None:
    town = either_town
    planned(town)
    await passes_to(town, BEGINS - HOUR)
    comes(town, "Alder")
    await passes_to(town, BEGINS + 4 * MINUTE)
    assert town.rows(p.supervisor_call) == []
    await passes_to(town, BEGINS + 6 * MINUTE)
    (call,) = missed(town)
    assert (call.reason, call.subject) == ("not_there", watched(town).id)
    assert posts(town, "Maple")[-1][0] == "expected"
    assert ("cover", BEGINS + 5 * MINUTE, False) in posts(town, "Juniper")
    comes(town)  # she comes after all: everything stops
    assert town.rows(p.supervisor_call) == []
    (cover,) = town.rows(d.cover, d.cover.c.person == town.person_id("Maple"))
    assert cover.state == "withdrawn"
    assert on(town, BEGINS + HOUR) == {"Maple"}


async def test_a_supervisor_who_sees_to_it_is_called_no_more(town: Town) -> None:
    planned(town)
    await passes_to(town, BEGINS + 6 * MINUTE)
    call = next(row for row in town.rows(p.supervisor_call) if row.subject == watched(town).id)
    alder = town.person_id("Alder")
    town.write(lambda c: calls.acknowledge(c, town.house, call.id, alder, town.now))
    await passes_to(town, BEGINS + HOUR)
    (row,) = town.rows(p.supervisor_call, p.supervisor_call.c.id == call.id)
    assert row.state == "acknowledged"


async def test_who_is_late_and_said_so_is_not_missed_before(town: Town) -> None:
    planned(town)
    maple = town.person_id("Maple")
    await passes_to(town, BEGINS - 2 * HOUR)
    expected = town.write(lambda c: own_day.late(c, town.house, maple, 30, town.now))
    assert expected == BEGINS + 30 * MINUTE
    await passes_to(town, BEGINS + 34 * MINUTE)
    missed = [row.subject for row in town.rows(p.supervisor_call)]
    assert watched(town).id not in missed
    await passes_to(town, BEGINS + 36 * MINUTE)
    assert watched(town).id in [row.subject for row in town.rows(p.supervisor_call)]


async def test_who_goes_on_from_one_shift_into_the_next_is_there(town: Town) -> None:
    planned(town, WEEK + "  - {id: on, who: Maple, tier: primary, days: [thu], from: '22:00', to: '02:00'}\n")
    await passes_to(town, BEGINS - 10 * MINUTE)
    comes(town)
    comes(town, "Alder")
    await passes_to(town, BEGINS + 5 * HOUR)
    assert missed(town) == []
    assert (watched(town).instance, watched(town).course.presence.value) == ("on/2026-11-19", "there")


# --- coming ----------------------------------------------------------------------------
async def test_she_can_check_in_from_a_quarter_of_an_hour_before(town: Town) -> None:
    planned(town)
    await passes_to(town, BEGINS - 16 * MINUTE)
    with pytest.raises(DeskRefusal, match="NOT_ON_DUTY"):
        comes(town)
    await passes_to(town, BEGINS - 15 * MINUTE)
    comes(town)
    maple = town.person_id("Maple")
    assert town.read(lambda c: people.get(c, town.house, maple)).present


async def test_once_a_shift_by_her_apps_code_or_her_pin(town: Town) -> None:
    planned(town)
    town.house.mode = "trial"
    maple, secret = town.person_id("Maple"), pyotp.random_base32()
    profile(town, "Maple", totp=secret, totp_step=1)

    def asks() -> bool:
        return town.read(lambda c: check_in.asks_code(c, town.house, maple, town.now))

    def shows(code: str) -> Proof:
        return town.write(lambda c: check_in.prove(c, town.house, maple, code, town.now))

    assert not asks()  # no shift of hers runs
    await passes_to(town, BEGINS)
    assert asks()
    code = pyotp.TOTP(secret).at(town.clock.now())
    assert shows("000000" if code != "000000" else "111111") is Proof.WRONG
    assert shows(code) is Proof.RIGHT
    assert shows(code) is Proof.WRONG  # used up
    comes(town)
    assert not asks()
    town.write(lambda c: check_in.set_pin(c, town.house, maple, "271 828", town.now))
    assert shows("271828") is Proof.RIGHT
    for _ in range(5):
        shows("1")
    assert shows("271828") is Proof.RESTING
    town.clock.move(minutes=11)
    assert shows("271828") is Proof.RIGHT
    row = town.rows(t.person, t.person.c.id == maple)[0]
    assert b"271828" not in row.profile_sealed
    for bad in ("123456", "111111", "12345", "12345a"):
        with pytest.raises(BadPin):
            town.write(lambda c, pin=bad: check_in.set_pin(c, town.house, maple, pin, town.now))


@pytest.mark.parametrize(
    ("day", "begins", "instant"),
    [
        ("2027-03-28", "03:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # a time that never comes
        ("2027-10-31", "03:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # one that comes twice: the first
        ("2027-03-28", "20:00", datetime(2027, 3, 28, 17, tzinfo=UTC)),
    ],
)
async def test_reminders_over_a_night_in_which_the_clocks_change(
    town: Town, day: str, begins: str, instant: datetime
) -> None:
    town.clock.at = instant - 80 * HOUR
    assert instant.date().isoformat() == day
    shift = f"{{id: odd, who: Maple, tier: primary, days: [sun], from: '{begins}', to: '23:00'}}"
    planned(town, f"zone: Europe/Bucharest\nshifts:\n  - {shift}\n")
    for before in (79, 30, 2, 0.1):
        await passes_to(town, instant - before * HOUR)
    assert posts(town, "Maple") == [
        ("reminder", instant - 24 * HOUR, False),
        ("reminder", instant - HOUR, True),
        ("reminder", instant - 10 * MINUTE, True),
    ]


async def test_a_supervisor_sees_who_is_late_and_who_has_not_come(town: Town) -> None:
    planned(town)
    maple, alder = town.person_id("Maple"), town.person_id("Alder")
    await passes_to(town, BEGINS - HOUR)
    comes(town, "Alder")
    town.write(lambda c: own_day.late(c, town.house, maple, 20, town.now))

    def seen(person: str) -> list[tuple[str, bool, int]]:
        shift = town.read(lambda c: own_shift.own_shift(c, town.house, person, town.now))
        return [(one.alias, one.missing, one.expected_at) for one in shift.coming]

    expected = to_moment(BEGINS + 20 * MINUTE)
    assert (seen(alder), seen(maple)) == ([("Maple", False, expected)], [])
    await passes_to(town, BEGINS + 26 * MINUTE)
    assert seen(alder) == [("Maple", True, expected)]
    shift = town.read(lambda c: own_shift.own_shift(c, town.house, alder, town.now))
    assert "demo: Maple, 2026-11-19 18:00 – 22:00" in [one.where for one in shift.calls]
