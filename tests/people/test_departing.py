"""Gone for good: hours, chats, offers and sign-ins follow in that very commit."""

import pytest

from bot.services import departing, loading, people, rotas
from bot.services.permissions import rights_of
from bot.store import people_tables as p, requests, tables as t
from tests.people.staff import enrol, person
from tests.routing.crews import asked, plan, profile, queued, refused
from tests.services.walks import in_a_chat, lines_of
from tests.town import Town


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
