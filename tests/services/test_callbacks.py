"""A callback is promised for hours the rota staffs, and kept by whoever is on duty, or she is told (PR4)."""

from datetime import timedelta
from typing import Any

import pytest

from bot.model import Role
from bot.services import calling_back, calls, restoring, watchdog
from bot.services.claims import DeskRefusal
from bot.services.opening import keep_contact, open_contacts
from bot.store import people_tables as p, tables as t
from bot.store.callback_table import callback
from bot.store.moments import from_moment
from channels.message import DeliveryState, Receipt
from handoff.calls import CallReason
from tests.fakes.channel import Person
from tests.routing.crews import changed, profile, rota
from tests.services.walks import asks_while_closed, in_the_queue, say, tap
from tests.shipped import shipped
from tests.town import Town
from triage.reading import SourceFile, read_script

PING = "The weather report is ready."
EVERY_DAY = "days: [mon, tue, wed, thu, fri, sat, sun]"
ROTA = f"""
zone: Europe/Bucharest
shifts:
  - {{who: Maple, tier: primary, {EVERY_DAY}, from: '18:00', to: '20:00'}}
  - {{who: Alder, tier: supervisor, {EVERY_DAY}, from: '00:00', to: '00:00'}}
"""
EMPTY = f"""
zone: Europe/Bucharest
shifts:
  - {{who: Alder, tier: supervisor, {EVERY_DAY}, from: '00:00', to: '00:00'}}
"""
STEPS = """
  which_line:
    ask: {choices: [{id: weather, to: ring, remember: {callback_ping: weather}}]}
  ring:
    callback: {agreed: ring_agreed, refused: out_of_hours}
  ring_agreed:
    say: {}
    to: out_of_hours
"""
TEXTS = """
which_line.text: "Which line?"
which_line.weather: "The weather"
ring.text: "When may we?"
ring.refused: "Not at all"
ring_agreed.text: "We write once, then."
"""
HOURS = "Wednesday 18:00–20:00"


def with_a_callback(town: Town) -> None:
    """The shipped script, whose word for closed hours leads to a callback: which line, then which hours."""
    document = shipped("scripts", "default.yaml")
    for old, new in (
        ("    else: out_of_hours\n", "    else: which_line\n"),
        ("\n  out_of_hours:\n", STEPS + "\n  out_of_hours:\n"),
    ):
        assert document.count(old) == 1
        document = document.replace(old, new)
    texts = {
        tag: SourceFile(
            f"default.{tag}.yaml",
            shipped("scripts", f"default.{tag}.yaml") + TEXTS,
        )
        for tag in ("en", "ro")
    }
    script, issues = read_script(SourceFile("default.yaml", document), texts)
    assert script is not None, [str(issue) for issue in issues]
    changed(town, scripts={1: script})


@pytest.fixture
def evening(either_town: Town) -> Town:
    """Wednesday noon in Bucharest; Maple is on from six to eight each evening."""
    with_a_callback(either_town)
    rota(either_town, ROTA)
    return either_town


async def asks(town: Town, channel: str = "telegram", handle: str = "ann") -> Person:
    """She asks for a person while nobody is on."""
    return await asks_while_closed(town, handle, channel)


async def promised(town: Town, hours: str = HOURS, handle: str = "ann") -> Person:
    ann = await asks(town, handle=handle)
    await tap(town, ann, "The weather", hours)
    assert "We write once, then." in ann.texts()
    return ann


async def until_evening(town: Town, **past: float) -> None:
    """18:00 in Bucharest, and so much more."""
    six = town.clock.at.replace(hour=16, minute=0)
    await town.passes(seconds=(six + timedelta(**past) - town.clock.at).total_seconds())


def takes(town: Town, alias: str = "Maple") -> bool:
    (row,) = town.rows(callback)
    person = town.person_id(alias)
    return town.write(lambda c: calling_back.take(c, town.house, row.id, person, town.now))


def refused(town: Town, alias: str = "Maple") -> str:
    with pytest.raises(DeskRefusal) as told:
        takes(town, alias)
    return told.value.code


def pings(ann: Person) -> int:
    return ann.texts().count(PING)


def reasons(town: Town) -> list[str]:
    return [row.reason for row in town.rows(p.supervisor_call)]


async def test_hours_of_the_rota_are_offered_and_the_line_goes_out_once_when_somebody_is_ready(
    evening: Town,
) -> None:
    town = evening
    ann = await promised(town)
    (row,) = town.rows(callback)
    assert (from_moment(row.starts_at).hour, from_moment(row.ends_at).hour) == (16, 18)
    assert refused(town) == "NOT_YET_OPEN"
    await until_evening(town, minutes=-1)
    assert pings(ann) == 0
    await until_evening(town, minutes=10)
    assert pings(ann) == 0  # nobody has said that she is ready
    assert takes(town) is True
    await town.settle()
    assert ann.texts()[-1] == PING
    assert refused(town) == "ALREADY_TAKEN"
    for _ in range(3):
        town.restarts()
        await town.passes(minutes=5)
    assert pings(ann) == 1


async def test_who_answers_stands_at_the_front(evening: Town) -> None:
    town = evening
    ann = await promised(town)
    await until_evening(town, minutes=5)
    town.set_ready("Maple", ready=False)
    bea = await in_the_queue(town, "bea", "telegram")
    assert len(town.waiting()) == 1
    town.set_ready("Maple", ready=True)
    takes(town)
    await town.settle()
    town.set_ready("Maple", ready=False)
    await say(town, ann, "hello")
    await tap(town, ann, "Yes", "No", "Talk to a person", "Yes")
    fronts = [row.front for row in sorted(town.waiting(), key=lambda row: row.queued_at)]
    assert fronts == [False, True]
    del bea


async def test_nothing_is_offered_where_nobody_can_keep_it(evening: Town) -> None:
    town = evening
    ann = await asks(town, "web")
    assert "When may we?" not in ann.texts()
    await tap(town, ann, "The weather")
    assert "When may we?" not in ann.texts()  # a page cannot be rung
    assert town.rows(callback) == []
    rota(town, EMPTY)
    bea = await asks(town, handle="bea")
    await tap(town, bea, "The weather")
    assert "When may we?" not in bea.texts()  # nobody is planned
    assert town.rows(callback) == []


async def test_only_hours_of_somebody_who_speaks_her_language_are_offered(evening: Town) -> None:
    town = evening
    profile(town, "Maple", languages=["ro"])
    ann = await asks(town)
    await tap(town, ann, "The weather")
    assert "When may we?" not in ann.texts()


async def test_hours_are_promised_to_two_at_most(evening: Town) -> None:
    town = evening
    await promised(town, handle="ann")
    await promised(town, handle="bea")
    cleo = await asks(town, handle="cleo")
    await tap(town, cleo, "The weather")
    labels = [choice.label for choice in cleo.screen[-1].choices]
    assert HOURS not in labels
    assert "Thursday 18:00–20:00" in labels


async def test_hours_that_lost_their_people_meanwhile_are_not_promised(evening: Town) -> None:
    town = evening
    ann = await asks(town)
    await tap(town, ann, "The weather")
    rota(town, EMPTY)
    await tap(town, ann, HOURS)
    assert "We write once, then." not in ann.texts()
    assert town.rows(callback) == []


async def test_a_missed_one_is_never_sent_late_and_she_is_told_when_she_is_back(evening: Town) -> None:
    town = evening
    ann = await promised(town)
    await until_evening(town, minutes=89)
    assert reasons(town) == []
    await until_evening(town, minutes=91)
    assert reasons(town) == [CallReason.CALLBACK.value]
    await until_evening(town, hours=2, minutes=1)
    assert (town.rows(callback), reasons(town)) == ([], [])
    assert town.count("callback.missed") == 1
    await town.passes(days=1, hours=3)
    assert pings(ann) == 0
    await say(town, ann, "hello again")
    await tap(town, ann, "Yes", "No")
    assert sum("nobody did. I am sorry" in text for text in ann.texts()) == 1
    await say(town, ann, "menu")
    assert sum("nobody did. I am sorry" in text for text in ann.texts()) == 1


async def test_a_rota_that_loses_the_hours_calls_until_somebody_is_planned_again(evening: Town) -> None:
    town = evening
    await promised(town)
    watch = lambda: town.write(lambda c: watchdog.look(c, town.house, town.now))  # noqa: E731
    watch()
    assert reasons(town) == []
    rota(town, EMPTY)
    watch()
    watch()
    assert reasons(town) == [CallReason.CALLBACK_UNSTAFFED.value]
    alder = town.person_id("Alder")
    (call,) = town.read(lambda c: calls.open_for(c, town.house, alder, town.now))
    assert call.reason is CallReason.CALLBACK_UNSTAFFED
    ivy = town.add_person("Ivy", Role.COORDINATOR)
    await town.passes(seconds=91)
    assert [one.reason for one in town.read(lambda c: calls.open_for(c, town.house, ivy, town.now))] == [
        CallReason.CALLBACK_UNSTAFFED
    ]
    (seen,) = town.read(lambda c: calling_back.promised_for(c, town.house, ivy, town.now))
    assert (seen.unstaffed, seen.due) == (True, False)
    rota(town, ROTA)
    watch()
    assert reasons(town) == []
    assert town.read(lambda c: calling_back.promised_for(c, town.house, ivy, town.now))[0].unstaffed is False


async def test_with_nobody_on_duty_when_it_falls_due_a_supervisor_is_called_at_once(evening: Town) -> None:
    town = evening
    await promised(town)
    rota(town, "zone: Europe/Bucharest\nshifts: []\n")
    await until_evening(town, seconds=1)
    assert reasons(town) == [CallReason.CALLBACK.value]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("Juniper", "NOT_ON_DUTY"),
        ("away", "NOT_PRESENT"),
        ("kept apart", "NOT_OPEN"),
        ("late", "ALREADY_TAKEN"),
    ],
)
async def test_only_somebody_who_may_and_is_there_sends_it(evening: Town, who: str, why: str) -> None:
    town = evening
    ann = await promised(town)
    await until_evening(town, minutes=3)
    alias = "Juniper" if who == "Juniper" else "Maple"
    if who == "away":
        town.set_ready("Maple", ready=False)
    elif who == "kept apart":
        _never_with(town, "Maple")
    if who == "late":
        (row,) = town.rows(callback)
        await until_evening(town, hours=2, seconds=1)
        person = town.person_id("Maple")
        with pytest.raises(DeskRefusal) as told:
            town.write(lambda c: calling_back.take(c, town.house, row.id, person, town.now))
        assert told.value.code == why
    else:
        assert refused(town, alias) == why
    await town.settle()
    assert pings(ann) == 0


def _never_with(town: Town, alias: str) -> None:
    (row,) = town.rows(callback)
    person = town.person_id(alias)

    def work(connection: Any) -> None:
        known = open_contacts(connection, town.house, [row.contact])[row.contact]
        known.record.never_with = [person]
        keep_contact(connection, known)

    town.write(work)


async def test_a_line_that_cannot_go_out_in_its_hours_is_never_sent_nor_shown_later(evening: Town) -> None:
    town = evening
    ann = await promised(town)
    await until_evening(town, minutes=110)
    town.channels["telegram"].answer = lambda _: Receipt(
        DeliveryState.FAILED_FOR_NOW, "network", retry_after=timedelta(minutes=9)
    )
    assert takes(town)
    await town.passes(minutes=15)
    town.channels["telegram"].answer = lambda _: None
    await town.passes(hours=1)
    await say(town, ann, "hello")
    await tap(town, ann, "Yes", "No")
    assert pings(ann) == 0


async def test_unanswered_the_line_is_taken_from_her_screen_when_the_hours_are_over(evening: Town) -> None:
    town = evening
    ann = await promised(town)
    await until_evening(town, minutes=5)
    takes(town)
    await until_evening(town, minutes=119)
    assert ann.texts()[-1] == PING
    await until_evening(town, hours=2, minutes=31)
    assert pings(ann) == 0
    assert town.rows(callback) == []
    assert town.count("callback.missed") == 0


async def test_stop_ends_it_and_leaves_nothing(evening: Town) -> None:
    town = evening
    ann = await promised(town)
    await say(town, ann, "stop")
    assert town.rows(callback) == []
    assert town.rows(t.due, t.due.c.kind == "callback") == []
    await until_evening(town, hours=3)
    assert pings(ann) == 0


async def test_who_has_talked_with_somebody_is_not_written_to(evening: Town) -> None:
    town = evening
    ann = await promised(town)
    await until_evening(town, minutes=2)
    await say(town, ann, "hello")
    await tap(town, ann, "Talk to a person") if "Talk to a person" in _labels(ann) else None
    if not town.waiting():
        await tap(town, ann, "Yes", "No", "Talk to a person", "Yes")
    chat = town.accept("Maple")
    assert town.rows(callback) == []
    chat.writes("Hello, I am here.")
    await until_evening(town, hours=3)
    assert pings(ann) == 0


def _labels(woman: Person) -> list[str]:
    return [choice.label for line in woman.screen for choice in line.choices]


async def test_no_instead_of_hours_ends_an_earlier_promise(evening: Town) -> None:
    town = evening
    ann = await promised(town)
    await say(town, ann, "stop here")  # some words of hers
    ann = await asks_again(town, ann)
    await tap(town, ann, "The weather", "Not at all")
    assert town.rows(callback) == []


async def asks_again(town: Town, ann: Person) -> Person:
    await say(town, ann, "person")
    for label in ("Yes",):
        if label in _labels(ann) and "Which line?" not in ann.texts()[-1:]:
            await tap(town, ann, label)
    return ann


async def test_after_a_restore_no_promise_of_the_past_sends_anything(evening: Town) -> None:
    town = evening
    ann = await promised(town)
    town.write(restoring.hold_everything)
    await until_evening(town, hours=3)
    assert town.rows(callback) == []
    assert pings(ann) == 0


async def test_what_is_stored_in_clear_is_a_desk_and_two_times(evening: Town) -> None:
    town = evening
    await promised(town)
    (row,) = town.rows(callback)
    assert set(row._mapping) == {"id", "desk", "contact", "state", "starts_at", "ends_at", "unstaffed"}
