"""Away for a time, or gone for good: hours, chats, offers and sign-ins follow in that very commit."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.services import departing, loading, people, rotas
from bot.services.departing import NotALeave
from bot.services.library import DutyBoard
from bot.services.permissions import rights_of
from bot.services.standings import standings
from bot.store import people_tables as p, requests, tables as t
from handoff.model import Tier
from tests.people.staff import enrol, person
from tests.routing.crews import asked, plan, profile, queued, refused
from tests.services.walks import in_a_chat, lines_of
from tests.town import Town

HOUR = timedelta(hours=1)


def board(town: Town) -> DutyBoard:
    """The board as the service builds it: the rota, less whoever is away."""
    library = town.house.library
    known = town.read(lambda c: standings(c, town.house.vault, ["demo"], library.desks, library.staffing))
    return DutyBoard(library.boards["demo"].rota, standings=known["demo"])


def away(town: Town, alias: str, since: datetime, until: datetime) -> None:
    identifier = town.person_id(alias)
    town.write(lambda c: departing.take_leave(c, town.house, identifier, since, until, "program", town.now))


async def test_during_a_leave_she_is_not_on_duty_and_hours_only_she_held_are_closed(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    now = town.clock.now()
    away(town, "Maple", now + HOUR, now + 3 * HOUR)
    own = board(town)
    assert own.open_at(now)
    assert next(duty.end for duty in own.at(now) if duty.tier is Tier.PRIMARY) == now + HOUR
    assert not own.open_at(now + HOUR)
    assert [duty.volunteer for duty in own.at(now + HOUR)] == ["Alder"]
    assert own.next_opening(now + HOUR) == now + 3 * HOUR
    assert own.next_arrival(now + HOUR) == now + 3 * HOUR
    assert own.next_arrival(now) is None
    assert own.open_at(now + 3 * HOUR)


async def test_a_leave_that_ends_early_ends_for_the_future_only(town: Town) -> None:
    plan(town, Maple="primary")
    now = town.clock.now()
    away(town, "Maple", now - HOUR, now + 5 * HOUR)
    away(town, "Maple", now + 20 * HOUR, now + 30 * HOUR)
    identifier = town.person_id("Maple")
    town.write(lambda c: departing.end_leave(c, town.house, identifier, "program", now, town.now))
    assert person(town, identifier).profile.leaves == ((now - HOUR, now),)
    assert board(town).open_at(now)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime(2026, 12, 2, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1), datetime(2026, 12, 2)),  # noqa: DTZ001  that is the fault
    ],
)
async def test_a_leave_without_a_time_is_none(town: Town, since: datetime, until: datetime) -> None:
    with pytest.raises(NotALeave):
        away(town, "Maple", since, until)


async def test_leaving_for_good_takes_everything_back_in_one_commit(town: Town) -> None:
    maple = enrol(town, town.person_id("Maple"))
    town.write(lambda c: people.set_present(c, maple.id, True))
    plan(town, Maple="primary", Juniper="primary")
    profile(town, "Maple", max_chats=2)
    ann, chat = await in_a_chat(town, "ann", "telegram")
    assert maple.comes() is not None
    waiting = await queued(town, "bea")
    assert "Maple" in asked(town, waiting)
    before = town.read(requests.version)
    town.write(lambda c: departing.leave_for_good(c, town.house, maple.id, "program", town.now))
    assert town.rows(t.console_visit, t.console_visit.c.person == maple.id) == []
    assert "Maple" not in asked(town, waiting)
    assert town.read(lambda c: rights_of(c, maple.id)).granted == frozenset()
    assert town.read(requests.version) > before  # every process reads who holds which hours anew
    assert maple.comes() is None
    await town.settle()
    assert town.handoff(chat.handoff).state == "waiting"
    assert "The volunteer had to leave" in lines_of(ann)
    assert refused(town, "Maple", waiting) == "SUSPENDED"


async def test_of_whoever_left_only_the_alias_is_kept(town: Town) -> None:
    maple = town.person_id("Maple")
    profile(town, "Maple", gender="woman", conflicts=["town:x"], skills=["minors"], password="hash")
    town.write(lambda c: departing.leave_for_good(c, town.house, maple, "program", town.now))
    gone = person(town, maple)
    assert (gone.state, gone.grants) == ("left", frozenset())
    assert gone.profile == people.Profile(alias="Maple")
    with pytest.raises(people.AliasTaken):
        town.add_person("Maple", next(iter(people.Role)))
    assert [row.exposure_sealed for row in town.rows(p.attendance, p.attendance.c.person == maple)] == [None]


async def test_hours_of_whoever_was_shut_out_are_closed_at_the_next_look(town: Town) -> None:
    """The commit that shuts her out tells every process; the library is built without her shifts."""
    assert loading.rotas is rotas
    before = town.read(requests.version)
    maple = town.person_id("Maple")
    town.write(lambda c: people.suspend(c, maple))
    assert town.read(requests.version) == before + 1
    assert "maple" not in town.read(lambda c: people.active_aliases(c, town.house.vault))
