"""Password or app lost: two make the sign-in anew, neither can use it, and nobody reads anything."""

import pytest

from bot.model import Role
from bot.services import admitting, audit, people, resetting, sign_in
from bot.services.resetting import CannotReset, Half
from bot.store import people_tables as p, tables as t
from tests.people.staff import Enrolled, enrol, invite, person
from tests.services.walks import in_a_chat, lines_of
from tests.town import Town


def agrees(town: Town, identifier: str, by: str) -> Half:
    return town.write(lambda c: resetting.reset(c, town.house, identifier, by, town.now))


def enters(town: Town, token: str) -> str | None:
    return town.write(lambda c: sign_in.enter(c, town.house, token, town.now))


def staffed(town: Town) -> tuple[str, str]:
    """Two who may reset: a supervisor and a coordinator."""
    return town.person_id("Alder"), town.add_person("Rowan", Role.COORDINATOR)


def an_enrolled(town: Town) -> Enrolled:
    """Maple, with a password and an app of her own."""
    return enrol(town, town.person_id("Maple"))


async def test_two_halves_of_two_people_open_and_nothing_less_does(town: Town) -> None:
    alder, rowan = staffed(town)
    maple = an_enrolled(town)
    first = agrees(town, maple.id, alder)
    assert first.first
    assert maple.comes() is not None  # nothing has changed yet
    second = agrees(town, maple.id, rowan)
    assert not second.first
    assert maple.comes() is None  # her old password is void
    for wrong in (
        *(first.secret, second.secret, f"{second.secret}.{first.secret}", f".{second.secret}", "."),
        *(f"{first.secret}.", f"x{first.secret}.{second.secret}", first.secret + second.secret),
    ):
        assert not town.read(lambda c, wrong=wrong: sign_in.link_opens(c, wrong, town.now))
        assert enters(town, wrong) is None
    token = sign_in.joined(f" {first.secret}", f"{second.secret}\n")
    assert town.read(lambda c: sign_in.link_opens(c, token, town.now))
    again = enrol(town, maple.id, token)
    assert person(town, maple.id).state == "active"
    assert again.comes() is not None
    assert enters(town, token) is None  # it works once


async def test_her_browsers_end_her_chats_go_back_and_nobody_reads_them(town: Town) -> None:
    alder, rowan = staffed(town)
    maple = an_enrolled(town)
    town.write(lambda c: people.set_present(c, maple.id, True))
    ann, chat = await in_a_chat(town, "ann", "telegram")
    assert maple.comes() is not None
    agrees(town, maple.id, alder)
    agrees(town, maple.id, rowan)
    assert town.rows(t.console_visit, t.console_visit.c.person == maple.id) == []
    await town.settle()
    row = town.handoff(chat.handoff)
    assert (row.state, row.person, row.front) == ("waiting", None, True)
    assert "The volunteer had to leave" in lines_of(ann)
    assert not person(town, maple.id).present


async def test_one_person_twice_is_one_person(town: Town) -> None:
    alder, rowan = staffed(town)
    maple = an_enrolled(town)
    old, new = agrees(town, maple.id, alder), agrees(town, maple.id, alder)
    assert old.first and new.first
    second = agrees(town, maple.id, rowan)
    assert enters(town, sign_in.joined(old.secret, second.secret)) is None
    assert enters(town, sign_in.joined(new.secret, second.secret)) is not None


async def test_what_was_begun_is_over_after_a_day_or_when_it_is_withdrawn(town: Town) -> None:
    alder, rowan = staffed(town)
    maple = an_enrolled(town)
    agrees(town, maple.id, alder)
    town.clock.move(hours=24)
    assert agrees(town, maple.id, rowan).first
    town.write(lambda c: resetting.withdraw(c, town.house, maple.id, rowan, town.now))
    assert town.rows(p.reset) == []
    assert agrees(town, maple.id, alder).first
    second = agrees(town, maple.id, rowan)
    town.write(lambda c: resetting.withdraw(c, town.house, maple.id, alder, town.now))
    assert not town.read(lambda c: sign_in.link_opens(c, second.secret, town.now))
    assert town.rows(t.sign_in, t.sign_in.c.person == maple.id) == []


async def test_who_cannot(town: Town) -> None:
    alder, _ = staffed(town)
    maple = an_enrolled(town)
    with pytest.raises(CannotReset, match="Nobody resets herself"):
        agrees(town, alder, alder)
    with pytest.raises(CannotReset, match="may not reset anybody"):
        agrees(town, maple.id, town.person_id("Juniper"))
    with pytest.raises(CannotReset, match="Two people must do it, each with --as"):
        agrees(town, maple.id, audit.PROGRAM)
    town.write(lambda c: people.suspend(c, maple.id))
    with pytest.raises(CannotReset, match="Maple is suspended"):
        agrees(town, maple.id, alder)
    assert town.rows(p.reset) == []


async def test_where_only_one_other_can_the_machine_is_the_second(town: Town) -> None:
    maple, alder = an_enrolled(town), town.person_id("Alder")
    assert agrees(town, maple.id, alder).first
    assert not agrees(town, maple.id, audit.PROGRAM).first
    told = town.read(lambda c: [(e.actor, e.verb, e.codes) for e in audit.entries(c, town.house.vault)])
    assert (alder, "reset_asked", ()) in told
    assert (audit.PROGRAM, "reset", (alder,)) in told


async def test_neither_half_lies_in_the_database(town: Town) -> None:
    alder, rowan = staffed(town)
    maple = an_enrolled(town)
    halves = [agrees(town, maple.id, alder).secret, agrees(town, maple.id, rowan).secret]
    town.closes()
    stored = b"".join(file.read_bytes() for file in town.folder.glob("hotline.db*"))
    assert all(half.encode() not in stored for half in halves)


async def test_somebody_who_was_never_admitted_gets_a_new_link_not_a_reset(town: Town) -> None:
    alder, _ = staffed(town)
    reed = invite(town, "Reed")
    with pytest.raises(CannotReset, match="Reed is invited"):
        agrees(town, reed, alder)
    assert town.read(lambda c: admitting.still_needed(c, town.house, reed)) == 2
