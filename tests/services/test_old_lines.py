"""Lines that have stood for a day go from her screen while the chat goes on (B-014)."""

from datetime import timedelta

import pytest

from bot.services import overdue, panes
from bot.store import tables as t
from channels.message import DeliveryState, OutboundKind, OutboundMessage, Receipt, Speaker
from tests.fakes.channel import Person
from tests.services.walks import in_a_chat, past_the_notice, say, tap
from tests.town import Town

pytestmark = pytest.mark.long

NETWORK_AWAY = Receipt(DeliveryState.FAILED_FOR_NOW, "network", retry_after=timedelta(minutes=30))
REFUSED = Receipt(DeliveryState.FAILED_FOR_GOOD, "refused")


async def writes_on(town: Town, ann: Person, hours: float) -> None:
    """She keeps the chat with the guide open, by a word every twenty-five minutes."""
    for number in range(round(hours * 60 / 25)):
        await town.passes(minutes=25)
        await say(town, ann, f"word {number} of {town.clock.at:%d %H:%M}")


def deletions_fail(town: Town, receipt: Receipt | None) -> None:
    def answer(message: OutboundMessage) -> Receipt | None:
        return receipt if message.kind is OutboundKind.DELETE else None

    town.channels["telegram"].answer = answer


def deleted(town: Town) -> list[str]:
    return [m.target or "" for m in town.channels["telegram"].sent if m.kind is OutboundKind.DELETE]


async def test_both_sides_lines_go_after_a_day_and_younger_ones_stay(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    old = {line.id for line in ann.screen}
    assert {line.speaker for line in ann.screen} >= {Speaker.GUIDE, Speaker.HER}
    await writes_on(town, ann, 23)
    assert old <= {line.id for line in ann.screen}
    (conversation,) = town.rows(t.conversation)
    await writes_on(town, ann, 2.5)
    assert old.isdisjoint(line.id for line in ann.screen)
    assert old <= set(deleted(town))
    assert sum(line.text.startswith("word") for line in ann.screen) > 50
    assert [row.id for row in town.rows(t.conversation)] == [conversation.id]
    assert len(deleted(town)) == len(set(deleted(town)))  # each once


async def test_no_line_is_ever_older_than_the_network_deletes(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    born = {line.id: town.clock.at for line in ann.screen}
    oldest = timedelta(0)
    for _ in range(72):
        await writes_on(town, ann, 0.9)
        born |= {line.id: town.clock.at for line in ann.screen if line.id not in born}
        oldest = max(oldest, *(town.clock.at - born[line.id] for line in ann.screen))
    assert timedelta(hours=23) < oldest <= timedelta(hours=26)


async def test_what_she_wrote_stays_readable_for_the_volunteer(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    await writes_on(town, ann, 20)
    await say(town, ann, "person")
    await tap(town, ann, "Yes")
    chat = town.accept("Maple")
    await town.settle()
    chat.writes("I am here.")
    await say(town, ann, "quillwort, at the beginning")
    chat.writes("Take your time.")
    await town.settle()
    town.clock.move(hours=25)
    await say(town, ann, "still here")  # what she wrote while we were away is read before anything is closed
    pane = town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now))
    assert [line.text for line in pane.lines if line.whose == "her"][-2:] == [
        "quillwort, at the beginning",
        "still here",
    ]
    assert "quillwort" not in " ".join(ann.texts())
    assert not pane.undeleted


async def test_a_day_during_which_nobody_serves_is_made_up_for_at_the_next_start(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("Take your time.")
    await town.settle()
    old = {line.id for line in ann.screen}
    town.clock.move(hours=40)
    ann.types("I am back")
    town.restarts()
    await town.settle()
    assert old.isdisjoint(line.id for line in ann.screen)
    assert "I am back" in ann.texts()
    assert town.count("deletion.too_old") == 0


async def test_what_has_grown_too_old_meanwhile_is_told_to_volunteer_and_operator(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("Take your time.")
    await town.settle()
    old = {line.id for line in ann.screen}
    deletions_fail(town, REFUSED)  # as the network does with what is older than two days
    town.clock.move(hours=50)
    ann.types("I am back")
    town.restarts()
    await town.settle()
    assert old <= {line.id for line in ann.screen}
    pane = town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now))
    assert pane.undeleted
    assert town.count("deletion.too_old") > 0
    assert town.count("deletion.failed") == town.count("deletion.too_old")
    assert ("deletion", "") in town.alerts


async def test_a_network_that_is_away_for_long_rings_while_there_is_time_and_all_goes_when_it_is_back(
    town: Town,
) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    old = {line.id for line in ann.screen}
    deletions_fail(town, NETWORK_AWAY)
    await writes_on(town, ann, 35)
    late = "deletions: some are older than 36 hours"
    assert late not in town.read(lambda c: overdue.reasons(c, town.house.vault, town.clock.at))
    await writes_on(town, ann, 4)
    assert late in town.read(lambda c: overdue.reasons(c, town.house.vault, town.clock.at))
    assert ("deletion", "") in town.alerts
    deletions_fail(town, None)
    await writes_on(town, ann, 2.5)
    assert old.isdisjoint(line.id for line in ann.screen)
    assert late not in town.read(lambda c: overdue.reasons(c, town.house.vault, town.clock.at))


@pytest.mark.parametrize("way", ["hide", "closes", "opens anew"])
async def test_deletions_that_wait_are_not_forgotten_when_the_chat_ends(town: Town, way: str) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("Take your time.")
    await town.settle()
    town.clock.move(hours=26)
    ann.types("still here")
    deletions_fail(town, NETWORK_AWAY)
    await town.settle()
    old = {line.id for line in ann.screen}
    assert town.rows(t.outbox, t.outbox.c.purpose == "deletion", t.outbox.c.state == "failed_for_now")
    if way == "hide":
        await say(town, ann, "hide")
    elif way == "closes":
        chat.closes()
        await town.settle()
    else:
        screen = list(ann.screen)
        ann.arrives()
        ann.screen[:0] = screen  # a messenger still shows what stood there
    deletions_fail(town, None)
    await town.passes(hours=25 if way == "closes" else 0.6)
    assert [line for line in ann.screen if line.id in old] == []


async def test_what_comes_due_together_with_the_end_takes_no_deletion_away(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.closes()
    await town.settle()
    town.clock.move(hours=25)
    kinds = ("close_anyway", "idle_close")  # in this order, in one transaction
    for later, kind in enumerate(kinds):
        at = town.now - 10 + later
        town.write(lambda c, k=kind, a=at: c.execute(t.due.update().where(t.due.c.kind == k).values(at=a)))
    await town.settle()
    assert ann.screen == []


async def test_numbers_stay_while_she_is_asked_about_them_and_go_in_time_all_the_same(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    await tap(town, ann, "Only information", "Places and numbers", "To talk and ask", "Romania")
    begun, old = town.clock.at, {line.id for line in ann.screen}
    cards = {line.id for line in ann.screen if "0800 500 333" in line.text}
    assert cards
    await writes_on(town, ann, 23)
    await say(town, ann, "person")
    await tap(town, ann, "Yes")
    town.accept("Maple").closes()
    await town.passes(hours=4)
    assert {line.id for line in ann.screen} & old == cards
    while cards & {line.id for line in ann.screen}:
        await town.passes(hours=1)
    assert timedelta(hours=39) < town.clock.at - begun < timedelta(hours=42)


@pytest.mark.parametrize("channel", ["web", "matrix"])
async def test_where_nothing_grows_too_old_no_deadline_is_kept(town: Town, channel: str) -> None:
    await past_the_notice(town, "ann", channel)
    assert town.rows(t.due, t.due.c.kind == "delete_old_lines") == []


async def test_a_conversation_of_an_older_program_gets_its_deadline_at_the_start(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "telegram")
    old = {line.id for line in ann.screen}
    town.write(lambda c: c.execute(t.due.delete().where(t.due.c.kind == "delete_old_lines")))
    await writes_on(town, ann, 24.5)
    assert old <= {line.id for line in ann.screen}
    town.restarts()
    await town.settle()
    assert old.isdisjoint(line.id for line in ann.screen)
