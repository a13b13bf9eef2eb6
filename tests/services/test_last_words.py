"""What a volunteer wrote last is not lost at the close: she reads it at her next act, or on her return."""

import pytest

from bot.store import tables as t
from channels.message import DeliveryState, Receipt
from tests.fakes.channel import Person
from tests.services.walks import ALONE, WATCHED, in_a_chat, lines_of, opens, say, tap
from tests.town import Chat, Town

LAST = "Go to the neighbour now, number 555"


def fails_for_now(_: object) -> Receipt:
    return Receipt(DeliveryState.FAILED_FOR_NOW, "network")


async def ends_with_words_she_never_saw(
    town: Town, channel: str, why: str, handle: str = "ann"
) -> tuple[Person, Chat]:
    safety = WATCHED if why == "held" else ALONE
    ann, chat = await in_a_chat(town, handle, channel, safety=safety)
    if why == "failed":
        town.channels[channel].answer = fails_for_now
    chat.writes(LAST)
    if why == "failed":
        await town.outbox()
    assert [row.state for row in town.rows(t.outbox, t.outbox.c.purpose == "relay")][-1] in {
        "held": {"held"}, "pending": {"pending"}, "failed": {"failed_for_now", "pending", "held"},
    }[why]  # fmt: skip
    assert chat.closes() == 1
    town.channels[channel].answer = lambda _: None
    return ann, chat


@pytest.mark.parametrize("channel", ["telegram", "web"])
@pytest.mark.parametrize("why", ["held", "pending", "failed"])
async def test_she_reads_them_once_at_her_next_act(town: Town, channel: str, why: str) -> None:
    ann, chat = await ends_with_words_she_never_saw(town, channel, why)
    await town.settle()
    if why == "held":
        assert LAST not in lines_of(ann)
    town.restarts()
    await say(town, ann, "ok")
    await town.passes(minutes=1)
    sent = [m for m in town.channels[channel].sent if m.text == LAST]
    assert len({m.entry_id for m in sent}) == 1
    assert town.handoff(chat.handoff).state == "closed"


async def test_what_she_saw_is_gone_in_that_commit_and_what_she_did_not_has_a_new_key(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram", safety=WATCHED)
    await say(town, ann, "!show")
    key = town.rows(t.conversation)[0].data_key
    chat.writes(LAST)
    chat.closes()
    (row,) = town.rows(t.outbox, t.outbox.c.purpose == "relay", t.outbox.c.body_sealed.is_not(None))
    assert (row.state, row.claim_version, row.person) == ("held", None, None)
    assert key not in {row.id for row in town.rows(t.data_key)}


async def test_a_chat_that_ended_unread_is_told_on_return_after_the_safe_check(town: Town) -> None:
    ann, _ = await ends_with_words_she_never_saw(town, "telegram", "held")
    await town.passes(hours=1)
    assert all(row.stage == "closed" for row in town.rows(t.conversation))
    assert all(row.body_sealed is None for row in town.rows(t.outbox, t.outbox.c.purpose == "relay"))
    await opens(town, "ann", "telegram")
    assert LAST not in lines_of(ann)
    await tap(town, ann, "Yes", "No")
    assert ann.texts().count(LAST) == 1
    await say(town, ann, "thank you")
    await town.passes(hours=1)
    await opens(town, "ann", "telegram")
    await tap(town, ann, "Yes", "No")
    assert sum(m.text == LAST for m in town.channels["telegram"].sent) == 1


async def test_a_page_gone_quiet_in_a_chat_keeps_what_it_never_showed(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web", safety=WATCHED)
    await town.passes(minutes=3)
    chat.writes(LAST)
    await town.passes(minutes=20)
    assert town.handoff(chat.handoff).state != "active"
    await opens(town, "ann", "web")
    await tap(town, ann, "Yes", "No")
    assert ann.texts().count(LAST) == 1


async def test_hide_withdraws_them(town: Town) -> None:
    ann, _ = await ends_with_words_she_never_saw(town, "telegram", "held")
    await say(town, ann, "hide")
    await town.passes(hours=1)
    await opens(town, "ann", "telegram")
    await tap(town, ann, "Yes", "No")
    assert LAST not in lines_of(ann)
