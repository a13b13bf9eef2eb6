"""In a chat a digit may answer a question: it counts as her word, and cards do not take it (PR9)."""

from bot.model import DueKind
from bot.store import tables as t
from tests.services.walks import in_a_chat, lines_of, say
from tests.town import Chat, Town

DANGER = "he will kill me"
ASKED = "How many children are with you?"


async def reads_a_card(town: Town, channel: str):
    ann, chat = await in_a_chat(town, "ann", channel)
    await say(town, ann, DANGER)
    assert "help now" in ann.texts()[-1].casefold() + "".join(
        c.label.casefold() for c in ann.screen[-1].choices
    )
    return ann, chat


async def asks(town: Town, chat: Chat) -> None:
    chat.writes(ASKED)
    await town.settle()


def take_backs(town: Town) -> int:
    return len(town.rows(t.due, t.due.c.kind == DueKind.TAKE_BACK.value))


async def test_a_digit_after_the_volunteers_question_is_an_answer_to_it(town: Town) -> None:
    for channel in ("telegram", "web", "matrix"):
        ann, chat = await reads_a_card(town, channel)
        await asks(town, chat)
        assert take_backs(town) == 0
        before = len(ann.texts())
        await say(town, ann, "1")
        assert [text for text in ann.texts()[before:] if text != "1"] == []
        assert take_backs(town) == 1
        await town.passes(minutes=4)
        assert town.handoff(chat.handoff).state == "waiting"
        town.set_ready("Juniper", ready=False)
        await say(town, ann, "stop")
        await town.passes(minutes=31)


async def test_a_digit_right_after_the_card_acts_on_it_and_is_her_word_all_the_same(town: Town) -> None:
    ann, _ = await reads_a_card(town, "telegram")
    await say(town, ann, "1")
    assert "112" in lines_of(ann)
    assert take_backs(town) == 1


async def test_a_digit_on_the_emergency_card_is_the_volunteers_once_she_has_asked(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "help now")
    assert take_backs(town) == 1
    await asks(town, chat)
    before = len(town.channels["telegram"].sent)
    await say(town, ann, "2")
    assert town.channels["telegram"].sent[before:] == []
    assert take_backs(town) == 1
    await say(town, ann, "help now", "9")
    assert all(row.stage == "closed" for row in town.rows(t.conversation))
