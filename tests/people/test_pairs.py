"""People kept apart: looked at both ways at offer, pass on, join and reading; never told, never in clear."""

import pytest
from sqlalchemy import Connection

from bot.model import Role
from bot.services import audit, desk, explaining, lobby, pairs, panes
from bot.services.opening import open_contacts
from bot.services.pairs import NoSuchPair, PairKind
from bot.services.permissions import NotAllowed
from bot.store import people_tables as p, tables as t
from handoff.model import Refusal
from tests.routing.crews import asked, plan, queued, refused
from tests.services.walks import in_a_chat, say
from tests.town import Town

WHY = (PairKind.HARASSMENT, "he wrote to her at night")


def apart(town: Town, one: str, other: str, **more: int) -> str:
    two = (town.person_id(one), town.person_id(other))
    return town.write(lambda c: pairs.keep_apart(c, town.house, two, WHY, two[0], town.now, **more))


def keeps_from_her(town: Town, handoff: str, alias: str, by: str) -> None:
    person, who = town.person_id(alias), town.person_id(by)
    town.write(
        lambda c: pairs.keep_from_her(c, town.house, handoff, person, PairKind.CALLER_REQUEST, who, town.now)
    )


@pytest.mark.parametrize(("one", "other"), [("Maple", "Juniper"), ("Juniper", "Maple")])
async def test_what_one_passes_on_is_not_offered_to_the_other_whoever_asked(
    town: Town, one: str, other: str
) -> None:
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    apart(town, one, other)
    _, chat = await in_a_chat(town, "ann", "telegram", with_whom="Maple")
    chat.passes_on()
    await town.settle()
    assert asked(town, chat.handoff) == ["Alder"]
    assert refused(town, "Juniper", chat.handoff) == "NOT_OPEN"


async def test_a_supervisor_kept_from_volunteer_or_woman_does_not_join(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    _, chat = await in_a_chat(town, "ann", "telegram")
    alder = town.person_id("Alder")

    def joins() -> Refusal | None:
        return town.read(lambda c: pairs.may_join(c, town.house, chat.handoff, alder, town.now))

    def is_shown_the_door() -> bool:
        (one,) = town.read(lambda c: lobby.queue_for(c, town.house, alder, town.now)).underway or ()
        return one.may_join

    assert (joins(), is_shown_the_door()) == (None, True)
    pair = apart(town, "Alder", "Maple")
    assert (joins(), is_shown_the_door()) == (Refusal.BLOCKED_PAIR, False)
    town.write(lambda c: pairs.together_again(c, town.house, pair, alder, town.now))
    assert (joins(), is_shown_the_door()) == (None, True)
    keeps_from_her(town, chat.handoff, "Alder", "Alder")
    assert (joins(), is_shown_the_door()) == (Refusal.BLOCKED_PAIR, False)
    chat.closes()
    assert joins() is Refusal.NOT_OPEN


async def test_whoever_is_kept_from_her_reads_nothing_more_at_once(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    _, chat = await in_a_chat(town, "ann", "telegram")
    assert town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now)).lines
    keeps_from_her(town, chat.handoff, "Maple", "Alder")
    with pytest.raises(panes.NotYours):
        town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now))
    await town.settle()
    assert town.handoff(chat.handoff).person is None
    assert asked(town, chat.handoff) == ["Juniper"]


async def test_it_lasts_as_long_as_her_record_and_ends_with_it(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary")
    ann, chat = await in_a_chat(town, "ann", "telegram")
    keeps_from_her(town, chat.handoff, "Maple", "Maple")
    await town.settle()
    await say(town, ann, "hide")
    again = await queued(town, "ann")
    assert asked(town, again) == ["Juniper"]
    await say(town, town.woman("ann", "telegram"), "stop")
    await town.settle()
    anew = await queued(town, "ann")
    assert asked(town, anew) == ["Juniper", "Maple"]  # nothing of her was left


async def test_only_who_may_or_who_is_meant_keeps_somebody_from_her(town: Town) -> None:
    town.add_person("Fern", Role.TRAINER)
    _, chat = await in_a_chat(town, "ann", "telegram")
    with pytest.raises(NotAllowed):
        keeps_from_her(town, chat.handoff, "Maple", "Fern")
    with pytest.raises(LookupError):
        keeps_from_her(town, "nothing", "Maple", "Maple")


async def test_a_volunteer_sees_no_trace_and_whoever_may_view_pairs_sees_the_code(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    rowan = town.add_person("Rowan", Role.COORDINATOR)
    _, chat = await in_a_chat(town, "ann", "telegram", with_whom="Juniper")
    keeps_from_her(town, chat.handoff, "Maple", "Alder")
    chat.passes_on()
    await town.settle()
    maple, alder = town.person_id("Maple"), town.person_id("Alder")
    seen = town.read(lambda c: lobby.queue_for(c, town.house, maple, town.now))
    assert (seen.free, seen.offers) == ((), ())

    def codes(who: str) -> dict[str, tuple[str, ...]]:
        found = town.read(lambda c: explaining.explain(c, town.house, chat.handoff, who, town.now))
        return {one.alias: one.refusals for one in found}

    assert codes(rowan)["Maple"] == ("BLOCKED_PAIR",)
    assert codes(alder)["Maple"] == ("NOT_OPEN",)
    assert codes(alder)["Juniper"] == ("ALREADY_DECLINED",)
    with pytest.raises(NotAllowed):
        codes(maple)


async def test_a_pair_may_end_by_itself(town: Town) -> None:
    maple, juniper = town.person_id("Maple"), town.person_id("Juniper")
    apart(town, "Maple", "Juniper", expires_at=town.now + 60_000_000)
    assert town.read(lambda c: pairs.kept_from(c, juniper, town.now)) == {maple}
    town.clock.move(minutes=2)
    assert town.read(lambda c: pairs.kept_from(c, juniper, town.now)) == frozenset()
    assert town.read(lambda c: pairs.known_pairs(c, town.house, town.now)) == ()
    with pytest.raises(NoSuchPair):
        town.write(lambda c: pairs.together_again(c, town.house, "none", maple, town.now))


async def test_reasons_lie_sealed_and_nothing_in_clear_ties_a_volunteer_to_a_woman(town: Town) -> None:
    _, chat = await in_a_chat(town, "ann", "telegram")
    apart(town, "Maple", "Juniper")
    keeps_from_her(town, chat.handoff, "Maple", "Maple")
    await town.settle()
    assert town.rows(p.blocked_pair)[0].reason_sealed.find(b"night") == -1
    told = town.read(lambda c: [e for e in audit.entries(c, town.house.vault) if e.verb == "keep_from_her"])
    assert [(e.object_id, e.codes) for e in told] == [(chat.handoff, ("caller_request",))]

    def record(connection: Connection) -> list[str]:
        (contact,) = connection.execute(t.contact.select()).all()
        return open_contacts(connection, town.house, [contact.id])[contact.id].record.never_with

    assert town.read(record) == [chat.person]
    with pytest.raises(desk.DeskRefusal):
        chat.writes("still here?")
