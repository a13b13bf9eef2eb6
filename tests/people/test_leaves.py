"""Leave: one record, and the same person is on duty whoever asks (PR11)."""

import random
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from bot.services import crew, feeds, leaves, lobby, people, rotas, shift_checks
from bot.services.leaves import NotALeave
from bot.services.profile import profile_place
from bot.store import tables as t
from bot.store.moments import to_moment
from bot.vault.envelope import open_sealed, seal
from handoff.model import Refusal, Tier
from handoff.rota.coverage import gaps
from handoff.rota.planning import duty_hash
from handoff.rota.questions import on_duty
from handoff.rota.resolve import final_duty
from handoff.shifts import Wanted
from tests.people.rota_town import EVERY_DAY, day_and_night, reads_anew, takes_in
from tests.town import Town

HOUR = timedelta(hours=1)


def goes(town: Town, alias: str, since: datetime, until: datetime) -> None:
    person = town.person_id(alias)
    town.write(lambda c: leaves.take(c, town.house, person, since, until, "program", town.now))
    reads_anew(town)


def is_back(town: Town, alias: str) -> None:
    person, at = town.person_id(alias), town.clock.now()
    town.write(lambda c: leaves.end(c, town.house, person, "program", at, town.now))
    reads_anew(town)


async def test_during_a_leave_she_is_not_on_duty_and_hours_only_she_held_are_closed(town: Town) -> None:
    takes_in(town, day_and_night("maple", "primary"), day_and_night("Alder", "supervisor"))
    now = town.clock.now()
    goes(town, "Maple", now + HOUR, now + 3 * HOUR)  # the rota writes her small, and means her
    own = town.house.library.boards["demo"]
    assert own.open_at(now)
    assert next(duty.end for duty in own.at(now) if duty.tier is Tier.PRIMARY) == now + HOUR
    assert not own.open_at(now + HOUR)
    assert [duty.volunteer for duty in own.at(now + HOUR)] == ["Alder"]
    assert own.next_opening(now + HOUR) == now + 3 * HOUR
    assert own.next_arrival(now + HOUR) == now + 3 * HOUR
    assert own.next_arrival(now) is None
    assert own.open_at(now + 3 * HOUR)
    (gap,) = gaps(own.rota, now, now + 5 * HOUR)
    assert (gap.start, gap.end, str(gap.weakest)) == (now + HOUR, now + 3 * HOUR, "primary")


async def test_a_leave_that_ends_early_ends_for_the_future_only(town: Town) -> None:
    takes_in(town, day_and_night("Maple", "primary"))
    now = town.clock.now()
    goes(town, "Maple", now - 9 * HOUR, now + 5 * HOUR)
    goes(town, "Maple", now + 20 * HOUR, now + 30 * HOUR)
    town.clock.move(hours=1)
    is_back(town, "Maple")
    # Noted late: what had been stays as it was.
    assert town.read(lambda c: leaves.of(c, town.house, "maple")) == ((now, now + HOUR),)
    board = town.house.library.boards["demo"]
    assert [board.open_at(now + n * HOUR) for n in (-1, 0, 1, 21)] == [True, False, True, True]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime(2026, 12, 2, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)),
        (datetime(2026, 12, 1), datetime(2026, 12, 2)),  # noqa: DTZ001  that is the fault
    ],
)
async def test_a_leave_without_a_time_ahead_is_none(town: Town, since: datetime, until: datetime) -> None:
    with pytest.raises(NotALeave):
        goes(town, "Maple", since, until)


async def test_nobody_is_given_a_shift_during_her_leave(town: Town) -> None:
    takes_in(town, day_and_night("Juniper", "primary"))
    now = town.clock.now()
    goes(town, "Maple", now + HOUR, now + 3 * HOUR)
    maple = town.person_id("Maple")

    def against(start: datetime) -> list[Refusal]:
        wanted = Wanted(Tier.PRIMARY, start, start + HOUR)
        found = town.read(lambda c: shift_checks.sign_up(c, town.house, "demo", maple, wanted, town.now))
        return [one.code for one in found]

    assert Refusal.NOT_ON_DUTY in against(now + 2 * HOUR)
    assert Refusal.NOT_ON_DUTY not in against(now + 3 * HOUR)


async def test_leaves_of_an_earlier_release_are_brought_over_once(town: Town) -> None:
    takes_in(town, day_and_night("Maple", "primary"))
    now, maple = town.clock.now(), town.person_id("Maple")
    place, key = profile_place(maple), town.house.vault.organisation

    def as_it_was(connection):
        plain = orjson.loads(open_sealed(key, place, _profile(connection, maple)))
        plain["away"] = [[(now + HOUR).isoformat(), (now + 2 * HOUR).isoformat()]]
        row = update(t.person).where(t.person.c.id == maple)
        connection.execute(row.values(profile_sealed=seal(key, place, orjson.dumps(plain))))

    town.write(as_it_was)
    moved = [town.write(lambda c: leaves.bring_over(c, town.house, town.now)) for _ in range(2)]
    assert moved == [1, 0]
    assert town.read(lambda c: leaves.of(c, town.house, "Maple")) == ((now + HOUR, now + 2 * HOUR),)
    assert town.read(lambda c: people.get(c, town.house, maple)).profile.alias == "Maple"


def _profile(connection, person: str) -> bytes:
    return connection.execute(select(t.person.c.profile_sealed).where(t.person.c.id == person)).scalar_one()


async def test_at_any_instant_everybody_tells_the_same_person_on_duty(town: Town) -> None:
    """The function, coverage, feeds, the console, routing and `rota on-duty`, with leaves and changes."""
    chance = random.Random(5)
    names = ("Maple", "Juniper", "Alder")
    takes_in(
        town,
        f"id: day, who: Maple, tier: primary, {EVERY_DAY}, from: '06:00', to: '18:00'",
        f"id: night, who: Juniper, tier: primary, {EVERY_DAY}, from: '18:00', to: '06:00'",
        f"id: watch, who: Alder, tier: supervisor, {EVERY_DAY}, from: '08:00', to: '02:00'",
    )
    now = town.clock.now()
    for alias in names:
        for _ in range(3):
            since = now + chance.randrange(1, 200) * HOUR
            goes(town, alias, since, since + chance.randrange(1, 30) * HOUR)
    told = {alias: _busy(town, alias) for alias in names}
    stored = town.read(lambda c: rotas.load(c, town.house.vault, town.clock.now()))["demo"]
    before = duty_hash(final_duty(stored, now - 30 * 24 * HOUR, now))
    for _ in range(60):
        at = now + timedelta(seconds=chance.randrange(0, 9 * 24 * 3600))
        board = town.house.library.boards["demo"]
        expected = {duty.volunteer for duty in final_duty(board.rota, at, at + timedelta.resolution)}
        assert {duty.volunteer for duty in on_duty(stored, at)} == expected
        assert {duty.volunteer for duty in board.there_at(at)} == expected
        assert {alias for alias, spans in told.items() if any(a <= at < b for a, b in spans)} == expected
        assert _in_the_lobby(town, to_moment(at)) == expected
        routed = town.write(lambda c, m=at: crew.volunteers_on_duty(c, town.house, "demo", to_moment(m)))
        assert {one.alias for one in routed} == expected
        missing = gaps(board.rota, at, at + timedelta.resolution)
        covered = {str(need) for gap in missing for need, _ in gap.missing}
        assert ("primary" in covered) == expected.isdisjoint({"Maple", "Juniper"})
        assert ("supervisor" in covered) == ("Alder" not in expected)
    assert duty_hash(final_duty(stored, now - 30 * 24 * HOUR, now)) == before


def _busy(town: Town, alias: str) -> list[tuple[datetime, datetime]]:
    """What her calendar program shows."""
    person, now = town.person_id(alias), town.clock.now()
    token = town.write(lambda c: feeds.make_link(c, town.house, person, None, now))
    told = town.read(lambda c: feeds.look(c, town.house, token, now))
    assert told is not None
    events = Calendar.from_ical(told.text).walk("VEVENT")
    return [(one["DTSTART"].dt, one["DTEND"].dt) for one in events if str(one["STATUS"]) == "CONFIRMED"]


def _in_the_lobby(town: Town, now: int) -> set[str]:
    alder = town.person_id("Alder")
    seen = town.read(lambda c: lobby.queue_for(c, town.house, alder, now))
    assert seen.duties is not None
    return {duty.alias for duty in seen.duties}
