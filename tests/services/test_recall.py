"""Recalled as harmful: nothing more of it is said, and who began with it finds the menu (PR10)."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from bot.model import DueKind
from bot.store import tables as t
from channels.message import DeliveryState, Receipt
from tests.fakes.channel import Person
from tests.services.walks import WATCHED, in_a_chat, in_the_queue, lines_of, opens, past_the_notice, say, tap
from tests.town import Town
from triage.model import Script, TextEntry

HARM = "HARM"
SAFE, HARMFUL = 1, 2


def harmful(script: Script) -> Script:
    """The same script in which every text that is no label does harm."""
    texts = {
        tag: {
            key: replace(entry, text=f"{HARM} {entry.text}") if key.endswith(".text") or ".text." in key
            or (key.startswith("word.") and not key.endswith("label")) else entry
            for key, entry in by_key.items()
        }
        for tag, by_key in script.texts.items()
    }  # fmt: skip
    return replace(script, texts=texts)


def publishes(town: Town) -> None:
    """The harmful revision is live, the other one was live before it."""
    row = {"script": "default", "desk": "demo", "digest": "x", "document_sealed": b"x", "created_at": 0}
    town.write(
        lambda c: c.execute(
            insert(t.script_revision),
            [
                {"id": SAFE, "state": "replaced", "published_at": 1, **row},
                {"id": HARMFUL, "state": "published", "published_at": 2, **row},
            ],
        )
    )
    library, safe = town.house.library, town.house.library.scripts[SAFE]
    scripts = {SAFE: safe, HARMFUL: harmful(safe)}
    town.house.library = replace(library, scripts=scripts, live={"demo": HARMFUL})


def recalls(town: Town) -> None:
    """Somebody recalls it; the service has not read of it yet."""

    def work(connection):
        for number, state in ((HARMFUL, "recalled"), (SAFE, "published")):
            row = t.script_revision
            connection.execute(update(row).where(row.c.id == number).values(state=state))

    town.write(work)


def reads_of_it(town: Town) -> None:
    """The service looks for changes."""
    library = town.house.library
    town.house.library = replace(
        library,
        scripts={SAFE: library.scripts[SAFE]},
        live={"demo": SAFE},
        recalled=frozenset({HARMFUL}),
    )


MENU = "Are you 18 or over?"  # the menu of the shipped script asks her first who was never asked


def harm_since(woman: Person, lines: int) -> list[str]:
    return [line.text for line in woman.screen[lines:] if HARM in line.text]


@pytest.fixture
def live_harm(either_town: Town) -> Town:
    publishes(either_town)
    return either_town


@pytest.mark.parametrize("does", ["1", "OK, go on", "nonsense nobody knows", "menu"])
@pytest.mark.parametrize("channel", ["web", "telegram"])
async def test_at_her_next_turn_she_is_at_the_menu_of_the_live_one(
    live_harm: Town, channel: str, does: str
) -> None:
    town = live_harm
    ann = await past_the_notice(town, "ann", channel)
    await tap(town, ann, "OK, go on")
    assert HARM in lines_of(ann)
    read = len(ann.screen)
    recalls(town)
    reads_of_it(town)
    await say(town, ann, does)
    assert harm_since(ann, read) == []
    assert MENU in lines_of(ann)
    (row,) = town.rows(t.conversation)
    assert row.revision == SAFE


async def test_a_tap_on_a_choice_of_the_recalled_text_means_nothing_any_more(live_harm: Town) -> None:
    town = live_harm
    ann = await past_the_notice(town)
    recalls(town)
    reads_of_it(town)
    await tap(town, ann, "Talk to a person")  # the same step and choice are in the live one too
    assert town.waiting() == []
    assert ann.texts()[-1].startswith("Type hide at any time")  # the notice comes before the menu
    assert HARM not in ann.texts()[-1]


@pytest.mark.parametrize("word", ["hide", "stop"])
async def test_hide_and_stop_work_as_ever(live_harm: Town, word: str) -> None:
    town = live_harm
    ann = await past_the_notice(town)
    recalls(town)
    reads_of_it(town)
    await say(town, ann, word)
    assert ann.screen == []
    assert {row.stage for row in town.rows(t.conversation)} == {"closed"}


async def test_before_the_safe_check_the_menu_waits_behind_it(live_harm: Town) -> None:
    town = live_harm
    ann = await opens(town, "ann", "telegram")
    recalls(town)
    reads_of_it(town)
    await say(town, ann, "hello")
    assert HARM not in "\n".join(line.text for line in ann.screen[1:])
    assert "Could anyone else see" in ann.texts()[-1]
    await tap(town, ann, "No")
    assert HARM not in ann.texts()[-1]


# --- what was on its way ----------------------------------------------------------------------------------
def is_down(town: Town, channel: str) -> None:
    town.channels[channel].answer = lambda _: Receipt(DeliveryState.FAILED_FOR_NOW, "network")


def is_up(town: Town, channel: str) -> None:
    town.channels[channel].answer = lambda _: None


async def test_what_waits_to_be_sent_is_withdrawn_and_she_is_answered_from_the_live_one(
    live_harm: Town,
) -> None:
    town = live_harm
    ann = await past_the_notice(town, "ann", "telegram")
    read = len(ann.screen)
    is_down(town, "telegram")
    ann.taps("OK, go on")
    await town.settle()
    recalls(town)
    reads_of_it(town)
    is_up(town, "telegram")
    await town.passes(minutes=2)
    assert harm_since(ann, read) == []
    assert MENU in ann.texts()[-1]
    assert len([line for line in ann.texts() if MENU in line]) == 1


async def test_between_the_recall_and_the_service_reading_of_it_nothing_is_said(live_harm: Town) -> None:
    town = live_harm
    ann = await past_the_notice(town, "ann", "telegram")
    read = len(ann.screen)
    recalls(town)
    await tap(town, ann, "OK, go on")  # the turn is still made of the harmful text
    await town.passes(seconds=2)
    assert harm_since(ann, read) == []
    assert len(ann.screen) == read + 1  # her own tap
    reads_of_it(town)
    await town.passes(seconds=2)
    assert harm_since(ann, read) == []
    assert MENU in ann.texts()[-1]
    assert [row for row in town.rows(t.due) if row.kind == DueKind.ANSWER_AGAIN.value] == []


async def test_after_her_window_nothing_is_sent_until_she_acts(live_harm: Town) -> None:
    town = live_harm
    ann = await past_the_notice(town, "ann", "telegram")
    read = len(ann.screen)
    is_down(town, "telegram")
    ann.taps("OK, go on")
    await town.passes(minutes=11)  # her window is over: what waits is held
    recalls(town)
    reads_of_it(town)
    is_up(town, "telegram")
    await town.passes(minutes=5)
    assert len(ann.screen) == read + 1
    await say(town, ann, "are you there")
    assert harm_since(ann, read) == []
    assert MENU in lines_of(ann)


async def test_what_she_is_told_anew_keeps_to_her_window(live_harm: Town) -> None:
    town = live_harm
    ann = await opens(town, "ann", "telegram")
    await tap(town, ann, "Yes", *WATCHED)
    is_down(town, "telegram")
    ann.taps("Talk to a person")
    await town.settle()
    recalls(town)
    await town.passes(minutes=3)  # watched: two minutes
    reads_of_it(town)
    is_up(town, "telegram")
    await town.passes(minutes=5)
    assert ann.texts()[-1] == "Talk to a person"  # her own tap; nothing came after it


# --- with a person, or waiting for one --------------------------------------------------------------------
async def test_her_place_in_the_queue_stays_and_its_news_is_the_live_ones(live_harm: Town) -> None:
    town = live_harm
    town.patient = True
    ann = await in_the_queue(town, "ann", "telegram")
    read = len(ann.screen)
    recalls(town)
    reads_of_it(town)
    await town.passes(minutes=4)
    assert len(town.waiting()) == 1
    chat = town.accept("Maple")
    await town.settle()
    chat.writes("I am here now.")
    await town.settle()
    assert harm_since(ann, read) == []
    assert "I am here now." in ann.texts()


async def test_a_volunteers_words_on_their_way_go_out_and_the_chat_goes_on(live_harm: Town) -> None:
    town = live_harm
    ann, chat = await in_a_chat(town, "ann", "telegram")
    read = len(ann.screen)
    is_down(town, "telegram")
    chat.writes("a word on its way")
    await town.settle()
    recalls(town)
    reads_of_it(town)
    is_up(town, "telegram")
    await town.passes(minutes=1)
    assert "a word on its way" in ann.texts()
    await say(town, ann, "thank you")
    assert town.handoff(chat.handoff).state == "active"
    chat.passes_on()
    await town.settle()
    assert harm_since(ann, read) == []
    assert ann.texts()[-1].startswith("The volunteer is handing over")


async def test_who_began_with_another_revision_notices_nothing(live_harm: Town) -> None:
    town = live_harm
    town.house.library = replace(town.house.library, live={"demo": SAFE})
    ann = await past_the_notice(town, "ann", "telegram")
    recalls(town)
    reads_of_it(town)
    await tap(town, ann, "OK, go on")
    assert HARM not in lines_of(ann)
    assert MENU not in ann.texts()[-1]
    assert town.count("script.left") == 0


async def test_what_she_wrote_counts_though_the_text_that_asked_is_gone(live_harm: Town) -> None:
    town = live_harm
    ann = await past_the_notice(town, "ann", "telegram")
    await tap(town, ann, "OK, go on")
    recalls(town)
    reads_of_it(town)
    await say(town, ann, "he is at the door and will kill me")
    assert MENU in lines_of(ann)
    assert any("112" in line for line in ann.texts())
    await tap(town, ann, "Talk to a person", "Yes")
    assert town.waiting()[0].urgency == "U0"


def test_the_harmful_script_really_differs(live_harm: Town) -> None:
    script = live_harm.house.library.scripts[HARMFUL]
    assert isinstance(script.texts["en"]["hello.text"], TextEntry)
    assert script.texts["en"]["hello.text"].text.startswith(HARM)
