"""Who becomes one of us: invited by one, vouched for by two others, and on probation at first."""

import pytest
from sqlalchemy import delete, func, select

from bot.model import Role
from bot.services import admitting, audit, people
from bot.services.admitting import CannotVouch
from bot.store import people_tables as p, tables as t
from handoff.model import LoadClass
from tests.people.staff import enrol, invite, person
from tests.town import Town


def vouches(town: Town, newcomer: str, alias: str) -> bool:
    voucher = town.person_id(alias)
    return town.write(lambda c: admitting.vouch(c, town.house, newcomer, voucher, town.now))


def state(town: Town, identifier: str) -> str:
    return person(town, identifier).state


def an_empty_house(town: Town) -> None:
    for table in (t.role_grant, p.attendance, t.person):
        town.write(lambda c, table=table: c.execute(delete(table)))


async def test_she_is_active_only_once_two_vouch_and_she_has_enrolled(town: Town) -> None:
    reed = invite(town, "Reed")
    assert vouches(town, reed, "Maple") is False
    enrol(town, reed)
    assert state(town, reed) == "invited"
    assert town.read(lambda c: admitting.still_needed(c, town.house, reed)) == 1
    assert vouches(town, reed, "Juniper") is True
    assert state(town, reed) == "active"


async def test_two_vouches_before_she_has_enrolled_wait_for_it(town: Town) -> None:
    reed = invite(town, "Reed")
    assert [vouches(town, reed, alias) for alias in ("Maple", "Juniper")] == [False, False]
    assert state(town, reed) == "invited"
    enrol(town, reed)
    assert state(town, reed) == "active"


async def test_whoever_waits_for_vouchers_cannot_sign_in_or_be_on_duty(town: Town) -> None:
    reed = enrol(town, invite(town, "Reed"))
    assert reed.comes() is None
    assert "reed" not in town.read(lambda c: people.active_aliases(c, town.house.vault))
    vouches(town, reed.id, "Maple")
    vouches(town, reed.id, "Juniper")
    assert reed.comes() is not None
    assert "reed" in town.read(lambda c: people.active_aliases(c, town.house.vault))


async def test_neither_voucher_is_the_one_who_invited_her_nor_the_same_twice(town: Town) -> None:
    reed = invite(town, "Reed", by=town.person_id("Maple"))
    with pytest.raises(CannotVouch, match="Maple has invited Reed: two others"):
        vouches(town, reed, "Maple")
    vouches(town, reed, "Juniper")
    with pytest.raises(CannotVouch, match="vouches for Reed already"):
        vouches(town, reed, "Juniper")
    with pytest.raises(CannotVouch, match="Nobody vouches for herself"):
        vouches(town, reed, "Reed")
    enrol(town, reed)
    assert state(town, reed) == "invited"
    vouches(town, reed, "Alder")
    assert state(town, reed) == "active"


async def test_who_may_not_vouch(town: Town) -> None:
    reed = invite(town, "Reed")
    town.add_person("Moss", Role.TRAINEE)
    with pytest.raises(CannotVouch, match="Moss may not vouch"):
        vouches(town, reed, "Moss")
    maple = town.person_id("Maple")
    town.write(lambda c: people.suspend(c, maple))
    with pytest.raises(CannotVouch, match="Maple may not vouch"):
        vouches(town, reed, "Maple")
    assert town.rows(p.vouch) == []
    with pytest.raises(CannotVouch, match="Nobody needs to vouch for Juniper: she is active"):
        vouches(town, town.person_id("Juniper"), "Alder")


async def test_a_vouch_of_somebody_who_was_shut_out_since_counts_no_more(town: Town) -> None:
    reed = enrol(town, invite(town, "Reed"))
    vouches(town, reed.id, "Maple")
    maple = town.person_id("Maple")
    town.write(lambda c: people.suspend(c, maple))
    assert vouches(town, reed.id, "Juniper") is False
    assert vouches(town, reed.id, "Alder") is True


async def test_a_newcomer_is_on_probation_a_trainee_and_vouches_for_nobody(town: Town) -> None:
    reed = enrol(town, invite(town, "Reed"))
    vouches(town, reed.id, "Maple")
    vouches(town, reed.id, "Juniper")
    profile = person(town, reed.id).profile
    assert profile.probation_until == "2027-02-16"  # ninety days
    assert profile.class_on(town.clock.now().date()) is LoadClass.TRAINEE
    willow = invite(town, "Willow")
    with pytest.raises(CannotVouch, match="on probation herself"):
        vouches(town, willow, "Reed")
    town.clock.move(days=91)
    assert person(town, reed.id).profile.class_on(town.clock.now().date()) is LoadClass.STANDARD
    assert vouches(town, willow, "Reed") is False


async def test_the_first_three_found_the_organisation_and_shutting_people_out_founds_it_anew_never(
    town: Town,
) -> None:
    an_empty_house(town)
    founders = [enrol(town, invite(town, alias)) for alias in ("A", "B", "C")]
    assert [state(town, one.id) for one in founders] == ["active"] * 3
    assert person(town, founders[0].id).profile.probation_until == ""
    for one in founders[:2]:
        town.write(lambda c, one=one: people.suspend(c, one.id))
    fourth = enrol(town, invite(town, "D"))
    assert state(town, fourth.id) == "invited"
    assert town.read(lambda c: admitting.still_needed(c, town.house, fourth.id)) == 2


async def test_every_vouch_is_audited_by_who_vouched(town: Town) -> None:
    reed = enrol(town, invite(town, "Reed"))
    vouches(town, reed.id, "Maple")
    vouches(town, reed.id, "Juniper")
    told = town.read(lambda c: [(e.actor, e.verb, e.object_id) for e in audit.entries(c, town.house.vault)])
    assert (town.person_id("Maple"), "vouch", reed.id) in told
    assert (reed.id, "admitted", reed.id) in told
    assert town.read(audit.verify) is None


async def test_a_suspension_can_be_lifted_and_needs_no_new_vouchers(town: Town) -> None:
    maple = town.person_id("Maple")
    town.write(lambda c: people.suspend(c, maple))
    town.write(lambda c: admitting.lift(c, town.house, maple, "program", town.now))
    assert state(town, maple) == "active"
    assert town.read(lambda c: c.execute(select(func.count()).select_from(t.console_visit)).scalar()) == 0
    assert not person(town, maple).present
