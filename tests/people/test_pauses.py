"""Breaks: had when the others can do without her, begun by themselves after five hours, never in silence."""

from dataclasses import replace
from datetime import timedelta

from bot.services import attendance, pauses, watchdog
from bot.services.attendance import Pause
from bot.services.pauses import Asked
from bot.store import people_tables as p, tables as t
from handoff.breaks import DEFAULT_BREAKS, BreakPolicy
from handoff.limits import Force
from tests.routing.crews import asked, plan, queued, refused, rota, staffing, talk
from tests.services.walks import in_a_chat
from tests.town import Town

MINUTE = 60_000_000


def asks(town: Town, alias: str, minutes: int | None = None) -> Asked:
    person = town.person_id(alias)
    return town.write(lambda c: pauses.ask(c, town.house, "demo", person, town.now, minutes))


def pause_of(town: Town, alias: str) -> Pause:
    person = town.person_id(alias)
    return town.read(lambda c: attendance.of(c, town.house, person)).pause


def watched(town: Town) -> None:
    town.write(lambda c: watchdog.look(c, town.house, town.now))


def breaks(town: Town, policy: BreakPolicy) -> None:
    before = town.house.library.staffing_of("demo").care
    staffing(town, {"care": replace(before, breaks=policy)})


async def test_a_break_begins_at_once_where_somebody_else_is_free_and_ends_by_itself(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary")
    assert asks(town, "Maple") == Asked(until=town.now + 15 * MINUTE)
    handoff = await queued(town, "ann")
    assert asked(town, handoff) == ["Juniper"]
    assert refused(town, "Maple", handoff) == "ON_BREAK"
    talk(town, "Juniper", handoff)
    town.patient = True
    bea = await queued(town, "bea")
    await town.passes(minutes=14.9)
    assert "Maple" not in asked(town, bea)
    await town.passes(minutes=0.2)
    assert pause_of(town, "Maple") is Pause.NONE
    assert "Maple" in asked(town, bea)


async def test_the_last_one_waits_until_somebody_comes_and_is_told_when(town: Town) -> None:
    rota(
        town,
        """
zone: Europe/Bucharest
shifts:
  - {who: Maple, tier: primary, days: [wed], from: '08:00', to: '20:00'}
  - {who: Juniper, tier: primary, days: [wed], from: '13:00', to: '20:00'}
""",
    )
    asked_for = asks(town, "Maple", 20)
    assert (asked_for.until, asked_for.not_before) == (None, town.now + 60 * MINUTE)
    assert pause_of(town, "Maple") is Pause.ASKED
    handoff = await queued(town, "ann")
    assert asked(town, handoff) == ["Maple"]  # until then she goes on
    talk(town, "Maple", handoff)
    await town.passes(minutes=59)
    watched(town)
    assert pause_of(town, "Maple") is Pause.ASKED
    await town.passes(minutes=2)
    watched(town)
    assert pause_of(town, "Maple") is Pause.BREAK
    assert town.rows(t.due, t.due.c.kind == "break_ends")[0].at == town.now + 20 * MINUTE


async def test_of_two_who_ask_the_first_goes_first_and_the_other_when_she_is_back(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary")
    ann, bea = await queued(town, "ann"), await queued(town, "bea")
    assert asks(town, "Juniper").until is None  # two wait
    town.clock.move(seconds=1)
    assert asks(town, "Maple").until is None
    chats = [talk(town, "Juniper", ann), talk(town, "Maple", bea)]
    watched(town)
    assert [pause_of(town, alias) for alias in ("Juniper", "Maple")] == [Pause.ASKED, Pause.ASKED]
    for chat in chats:
        chat.closes()
    watched(town)
    assert [pause_of(town, alias) for alias in ("Juniper", "Maple")] == [Pause.BREAK, Pause.ASKED]
    await town.passes(minutes=16)
    watched(town)
    assert [pause_of(town, alias) for alias in ("Juniper", "Maple")] == [Pause.NONE, Pause.BREAK]


async def test_she_may_take_her_wish_back_or_end_her_break(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary")
    maple = town.person_id("Maple")
    asks(town, "Maple")
    town.write(lambda c: pauses.end(c, maple, town.now))
    assert pause_of(town, "Maple") is Pause.NONE
    assert not town.rows(t.due, t.due.c.kind == "break_ends")
    assert asked(town, await queued(town, "ann")) == ["Juniper", "Maple"]


async def test_after_five_hours_a_break_begins_by_itself_but_not_in_a_chat(town: Town) -> None:
    breaks(town, DEFAULT_BREAKS)
    plan(town, Maple="primary", Juniper="primary", Alder="supervisor")
    watched(town)  # from now on she works
    _, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("I am here")
    town.clock.move(hours=5)
    watched(town)
    assert pause_of(town, "Maple") is Pause.NONE  # she holds a chat
    assert pause_of(town, "Juniper") is Pause.BREAK
    chat.closes()
    watched(town)
    assert pause_of(town, "Maple") is Pause.BREAK
    (until,) = {row.at for row in town.rows(t.due, t.due.c.kind == "break_ends")}
    assert until == town.now + 30 * MINUTE
    (call,) = town.rows(p.supervisor_call)
    assert (call.subject, call.reason) == ("desk:demo", "uncovered")  # nobody is left: a supervisor knows
    await town.passes(minutes=31)
    assert town.rows(p.supervisor_call) == []
    watched(town)
    assert pause_of(town, "Maple") is Pause.NONE


async def test_where_it_is_soft_nobody_is_sent_away(town: Town) -> None:
    breaks(town, BreakPolicy(force=Force.SOFT))
    watched(town)
    town.clock.move(hours=9)
    watched(town)
    assert pause_of(town, "Maple") is Pause.NONE


async def test_a_break_counts_from_the_work_since_the_last_one(town: Town) -> None:
    breaks(town, DEFAULT_BREAKS)
    plan(town, Maple="primary", Juniper="primary")
    watched(town)
    town.clock.move(hours=3)
    asks(town, "Maple")
    await town.passes(minutes=16)
    town.clock.move(hours=3)
    watched(town)
    assert pause_of(town, "Maple") is Pause.NONE
    assert pause_of(town, "Juniper") is Pause.BREAK
    assert timedelta(hours=5) == DEFAULT_BREAKS.forced_after
