"""Deny by default, tested over the whole product of role, action, object and desk (PR12)."""

import itertools
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.model import Role
from bot.services import people
from bot.services.permissions import PERMISSIONS, Action, NotAllowed, Thing, demand, rights_of
from bot.store import tables as t
from bot.store.migrations import seed_0001, seed_0003, seed_0006, seed_0007
from tests.town import Town, make_town

CONTENT = {Thing.LIVE_CHAT, Thing.NOTE}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = make_town(tmp_path_factory.mktemp("town"))
    town.write(lambda c: c.execute(insert(t.desk).values(id="other", created_at=0)))
    return town


def person_with(town: Town, alias: str, *grants: tuple[Role, str], state: str = "active") -> str:
    def work(connection):
        person = people.invite(connection, town.house, people.Profile(alias), grants, 0)
        connection.execute(t.person.update().where(t.person.c.id == person).values(state=state))
        return person

    return town.write(work)


def test_migrations_seed_exactly_the_table_of_the_program(town: Town) -> None:
    rows = town.read(lambda c: c.execute(select(t.permission)).all())
    assert {(r.role, r.action, r.object) for r in rows} == {
        (r.value, a.value, o.value) for r, a, o in PERMISSIONS
    }
    seeded = (*seed_0001.PERMISSIONS, *seed_0003.PERMISSIONS, *seed_0006.PERMISSIONS, *seed_0007.PERMISSIONS)
    assert len(seeded) == len(set(seeded)) == len(PERMISSIONS)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_what_the_table_says_at_its_desk_and_nothing_else(town: Town, role: Role) -> None:
    here = person_with(town, f"{role}-here", (role, "demo"))
    everywhere = person_with(town, f"{role}-everywhere", (role, "network"))
    mine, all_desks = town.read(lambda c: (rights_of(c, here), rights_of(c, everywhere)))
    for action, thing in itertools.product(Action, Thing):
        listed = (role, action, thing) in PERMISSIONS
        assert mine.may(action, thing, "demo") is listed, (action, thing)
        assert mine.may(action, thing, "other") is False
        assert mine.may(action, thing, "network") is False
        assert mine.anywhere(action, thing) is listed
        for desk in ("demo", "other", "network"):
            assert all_desks.may(action, thing, desk) is listed


def test_only_who_answers_women_ever_touches_content() -> None:
    answering = {Role.VOLUNTEER, Role.SUPERVISOR}
    reading = {role for role, action, thing in PERMISSIONS if thing in CONTENT and action is not Action.ERASE}
    assert reading == answering


def test_the_operator_turns_keys_and_sees_nothing() -> None:
    assert {(a, o) for r, a, o in PERMISSIONS if r is Role.OPERATOR} == {
        (Action.VIEW, Thing.KEY),
        (Action.ROTATE, Thing.KEY),
    }


def test_a_trainee_sees_the_queue_only() -> None:
    assert {(a, o) for r, a, o in PERMISSIONS if r is Role.TRAINEE} == {(Action.VIEW, Thing.QUEUE)}


def test_whoever_edits_a_text_cannot_publish_it_alone() -> None:
    assert not any(r is Role.EDITOR and a is Action.PUBLISH for r, a, _ in PERMISSIONS)


@pytest.mark.parametrize("state", ["invited", "suspended", "left"])
def test_a_person_who_is_not_active_may_nothing(town: Town, state: str) -> None:
    person = person_with(town, f"was-{state}", *((role, "network") for role in Role), state=state)
    assert town.read(lambda c: rights_of(c, person)).granted == frozenset()


def test_no_role_and_nobody_may_nothing(town: Town) -> None:
    bare = person_with(town, "bare")
    assert town.read(lambda c: rights_of(c, bare)).granted == frozenset()
    assert town.read(lambda c: rights_of(c, "nobody")).granted == frozenset()
    with pytest.raises(NotAllowed):
        town.read(lambda c: demand(c, bare, Action.VIEW, Thing.QUEUE, "demo"))


def test_a_row_of_a_newer_program_allows_nothing(tmp_path: Path) -> None:
    town = make_town(tmp_path)
    town.write(
        lambda c: c.execute(insert(t.permission).values(role="trainee", action="listen", object="live_chat"))
    )
    trainee = person_with(town, "Moss", (Role.TRAINEE, "demo"))
    assert town.read(lambda c: rights_of(c, trainee)).granted == {(Action.VIEW, Thing.QUEUE, "demo")}


def test_a_right_taken_from_the_table_is_gone_at_once(tmp_path: Path) -> None:
    town = make_town(tmp_path)
    trainee = person_with(town, "Moss", (Role.TRAINEE, "demo"))
    town.read(lambda c: demand(c, trainee, Action.VIEW, Thing.QUEUE, "demo"))
    town.write(lambda c: c.execute(t.permission.delete().where(t.permission.c.role == "trainee")))
    with pytest.raises(NotAllowed):
        town.read(lambda c: demand(c, trainee, Action.VIEW, Thing.QUEUE, "demo"))
