"""What a chat leaves with its volunteer: rest, a debrief, a number sealed; and the queue is served."""

from dataclasses import replace

import pytest

from bot.model import Role
from bot.services import aftercare, attendance
from bot.services.permissions import NotAllowed
from bot.store import people_tables as p, tables as t
from handoff.care import CarePolicy, DebriefReason
from handoff.limits import Force
from handoff.model import Outcome
from tests.routing.crews import asked, plan, queued, refused, staffing, talk
from tests.services.walks import in_a_chat, say
from tests.town import Chat, Town


def care(town: Town, **values: object) -> None:
    before = town.house.library.staffing_of("demo").care
    staffing(town, {"care": replace(before, after=replace(CarePolicy(), **values))})


def row(town: Town, alias: str) -> attendance.Attendance:
    person = town.person_id(alias)
    return town.read(lambda c: attendance.of(c, town.house, person))


async def a_heavy_chat(town: Town, handle: str = "ann") -> Chat:
    ann, chat = await in_a_chat(town, handle, "telegram")
    await say(town, ann, "he will kill me")
    chat.writes("I am here")
    return chat


@pytest.mark.parametrize("how", ["closes", "passes on", "taken back", "she leaves"])
async def test_however_a_heavy_chat_ends_she_rests_and_is_owed_a_debrief(town: Town, how: str) -> None:
    plan(town, Maple="primary", Juniper="primary")
    chat = await a_heavy_chat(town)
    match how:
        case "closes":
            chat.closes()
        case "passes on":
            chat.passes_on()
        case "taken back":
            await say(town, town.woman("ann", "telegram"), "are you there?")
            await town.passes(minutes=3.1)
        case _:
            await say(town, town.woman("ann", "telegram"), "hide")
    await town.settle()
    known = row(town, "Maple")
    assert known.cooling_until is not None
    assert town.now < known.cooling_until <= town.now + 20 * 60_000_000
    assert known.heavy_lately(town.now) == 1
    (owed,) = town.read(lambda c: aftercare.debriefs_of(c, town.house, chat.person))
    assert set(owed.reasons) == {DebriefReason.DANGER_NOW, DebriefReason.DEATH_THREAT}


async def test_a_calm_chat_leaves_nothing_but_the_moment_it_ended(town: Town) -> None:
    _, chat = await in_a_chat(town, "ann", "telegram")
    chat.closes()
    known = row(town, "Maple")
    assert (known.cooling_until, known.heavy, known.idle_since) == (None, {}, town.now)
    assert town.rows(p.debrief) == []


async def test_a_chat_she_never_said_a_word_in_was_not_heavy_for_her(town: Town) -> None:
    handoff = await queued(town, "ann")
    await say(town, town.woman("ann", "telegram"), "he will kill me")
    town.accept("Maple", handoff)
    await town.passes(minutes=3.1)
    assert row(town, "Maple").heavy == {}
    assert town.rows(p.debrief) == []


async def test_while_she_rests_others_are_asked_first_and_she_at_last(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary")
    chat = await a_heavy_chat(town)
    chat.closes()
    first = await queued(town, "bea")
    assert asked(town, first) == ["Juniper"]
    talk(town, "Juniper", first)
    second = await queued(town, "cara")
    assert asked(town, second) == []  # Juniper is busy: she may be free before the ladder's end
    await town.passes(seconds=150)
    assert asked(town, second) == ["Maple"]


async def test_where_rest_is_hard_she_is_asked_when_it_is_over_and_not_before(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    town.set_ready("Alder", ready=True)
    care(town, cooldown_force=Force.HARD)
    chat = await a_heavy_chat(town)
    chat.closes()
    bea = await queued(town, "bea")
    assert refused(town, "Maple", bea) == "COOLDOWN"
    assert asked(town, bea) == ["Alder"]
    town.patient = True
    await town.passes(minutes=19.9)
    assert "Maple" not in asked(town, bea)
    await town.passes(minutes=0.2)
    assert refused(town, "Maple", bea) == ""


async def test_many_heavy_chats_in_a_week_are_told_and_older_ones_are_forgotten(town: Town) -> None:
    care(town, heavy_in_a_week=2, cooldown_force=Force.OFF)
    for number in range(2):
        chat = await a_heavy_chat(town, f"w{number}")
        chat.closes()
    assert row(town, "Maple").heavy_lately(town.now) == 2
    maple = town.person_id("Maple")
    await town.settle()
    assert town.alerts.count(("exposure", maple)) == 1
    assert row(town, "Maple").heavy_lately(town.now + 8 * 86_400_000_000) == 0


def row_of(town: Town, person: str):
    return town.rows(p.attendance, p.attendance.c.person == person)[0]


async def test_a_debrief_is_closed_by_her_or_by_who_looks_after_her_and_by_nobody_else(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    chat = await a_heavy_chat(town)
    chat.closes(Outcome.MISUSE)
    alder, juniper = town.person_id("Alder"), town.person_id("Juniper")
    (owed,) = town.read(lambda c: aftercare.debriefs_due(c, town.house, alder))
    assert DebriefReason.OBSCENE in owed.reasons
    assert town.read(lambda c: aftercare.debriefs_due(c, town.house, juniper)) == ()
    with pytest.raises(NotAllowed):
        town.write(lambda c: aftercare.debriefed(c, town.house, owed.id, juniper, town.now))
    await town.passes(hours=24.1)
    assert ("debrief", chat.person) in town.alerts
    town.write(lambda c: aftercare.debriefed(c, town.house, owed.id, chat.person, town.now, declined=True))
    assert town.rows(p.debrief) == []
    assert not town.rows(t.due, t.due.c.kind == "debrief_open")


async def test_why_a_debrief_is_owed_and_how_much_was_heavy_lie_sealed(town: Town) -> None:
    chat = await a_heavy_chat(town)
    chat.closes()
    (owed,) = town.rows(p.debrief)
    assert b"death" not in owed.reason_sealed and b"danger" not in owed.reason_sealed
    sealed = row_of(town, chat.person).exposure_sealed
    assert sealed is not None and b"2026" not in sealed
    assert town.add_person("Rowan", Role.COORDINATOR)


async def test_whoever_waits_is_served_the_moment_a_chat_ends(town: Town) -> None:
    plan(town, Maple="primary")
    town.patient = True
    _, chat = await in_a_chat(town, "ann", "telegram")
    bea = await queued(town, "bea")
    assert asked(town, bea) == []
    chat.closes()
    await town.settle()
    assert asked(town, bea) == ["Maple"]
