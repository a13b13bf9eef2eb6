"""The main job, told from first contact to erased, on both databases and every kind of channel."""

import pytest

from bot.store import tables as t
from bot.store.moments import HOUR
from tests.services.walks import in_the_queue, lines_of, opens, say, tap
from tests.town import Town

pytestmark = pytest.mark.parametrize("channel", ["web", "telegram"])


def assert_only_a_tombstone_is_left(town: Town) -> None:
    (conversation,) = town.rows(t.conversation)
    assert conversation.stage == "closed"
    for column in (
        "contact",
        "data_key",
        "revision",
        "state_sealed",
        "new_until",
        "edit_until",
        "last_act_at",
    ):
        assert getattr(conversation, column) is None, column
    assert conversation.opened_at % HOUR == 0
    assert conversation.closed_at % HOUR == 0
    assert town.rows(t.outbox) == []
    assert town.rows(t.note) == []
    for row in town.rows(t.inbox):
        assert (row.body_sealed, row.conversation, row.received_at % HOUR) == (None, None, 0)
    for row in town.rows(t.handoff):
        assert (row.state, row.facts_sealed, row.person, row.urgency) == ("closed", None, None, None)
        assert row.queued_at % HOUR == 0
    assert {row.kind for row in town.rows(t.due)} <= {"erase_contact"}
    # What is left opens nothing but the contact record.
    contacts = {row.data_key for row in town.rows(t.contact)}
    assert {row.id for row in town.rows(t.data_key)} == contacts


@pytest.mark.parametrize("answer", ["Remove all", "Leave the numbers"])
async def test_she_reaches_a_person_in_four_taps_and_in_the_end_nothing_is_left(
    either_town: Town, channel: str, answer: str
) -> None:
    town = either_town
    ann = await opens(town, "ann", channel)
    assert ann.texts()[-1:] == ["Hi. Is now a good time to write here?"]
    before = ann._acts
    await tap(town, ann, "Yes", "No", "Talk to a person", "Yes")
    assert ann._acts - before == 4
    assert [row.state for row in town.rows(t.handoff)] == ["waiting"]
    chat = town.accept("Maple")
    await town.settle()
    assert "You are now writing with Maple" in lines_of(ann)
    await say(town, ann, "I would like to talk")
    chat.writes("I am here. Are you somewhere you can talk?")
    chat.notes("calm, prefers short lines")
    await town.settle()
    assert ann.screen[-1].name == "Maple"
    chat.passes_on()
    await town.settle()
    second = town.accept("Juniper")
    await town.settle()
    second.writes("Hello, I have taken over.")
    await town.settle()
    assert ann.screen[-1].text == "Hello, I have taken over."
    second.closes()
    await town.settle()
    assert "This chat is closing" in ann.texts()[-1]
    await tap(town, ann, answer)
    if answer == "Leave the numbers":
        await tap(town, ann, "No")  # how much it helped is not asked then
    await town.passes(minutes=3)
    assert_only_a_tombstone_is_left(town)
    assert town.count("text.placeholder_missing") == 0


async def test_a_talk_she_did_not_finish_is_erased_when_she_is_silent(
    either_town: Town, channel: str
) -> None:
    town = either_town
    ann = await opens(town, "ann", channel)
    await tap(town, ann, "Yes", "No", "OK, go on")
    await town.passes(hours=1)
    assert_only_a_tombstone_is_left(town)
    assert ann.screen == []


async def test_a_closed_page_gives_up_its_place_but_a_messenger_keeps_it(
    either_town: Town, channel: str
) -> None:
    town = either_town
    town.patient = True
    ann = await in_the_queue(town, "ann", channel)
    if channel == "web":
        ann.disconnects()
    await town.passes(hours=1)
    states = [row.state for row in town.rows(t.handoff)]
    assert states == (["closed"] if channel == "web" else ["waiting"])


async def test_every_key_of_a_finished_talk_is_gone_from_the_table(either_town: Town, channel: str) -> None:
    town = either_town
    await in_the_queue(town, "ann", channel)
    seen = {row.data_key for row in town.rows(t.conversation)}
    assert None not in seen
    await say(town, town.woman("ann", channel), "stop")
    await town.passes(minutes=1)
    assert seen.isdisjoint(row.id for row in town.rows(t.data_key))
    assert town.rows(t.contact) == []
