"""The volunteer's first button: the word grid in the live chat, and a code for the answer (B-022)."""

import pytest
from sqlalchemy import update

from bot.services import panes
from bot.store import tables as t
from channels.message import InboundKind
from handoff.model import Outcome
from tests.fakes.channel import Person
from tests.services.walks import in_a_chat, lines_of, opens, say, tap, taps
from tests.town import Chat, Town

RIGHT = ("apple", "river", "cloud", "green")
WRONG = ("bridge", "button", "train", "seven")
QUESTION = "Before we go on: please tap your words"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is told what is the matter here; how slow a hash is, tests of the vault say."""
    monkeypatch.setattr("tests.town.hash_secret", lambda words: f"${words}")
    monkeypatch.setattr("tests.town.verify_secret", lambda known, words: known == f"${words}")


@pytest.fixture(autouse=True)
def _may_read(town: Town) -> None:
    """Everyone has signed in: only then a pane is shown."""
    town.write(lambda c: c.execute(update(t.person).values(state="active")))


def pane_of(town: Town, chat: Chat) -> panes.Pane:
    return town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now))


def told(town: Town, chat: Chat) -> str:
    return pane_of(town, chat).facts.words


def grid_words(town: Town) -> set[str]:
    return {word for rows in town.library.grid.values() for row in rows for word in row}


def shows(town: Town, woman: Person) -> set[str]:
    """Words of the grid on her screen."""
    shown = [line.text for line in woman.screen] + [c.label for line in woman.screen for c in line.choices]
    return grid_words(town) & {word.strip(".,:;") for text in shown for word in text.split()}


async def with_words(town: Town, channel: str = "telegram") -> tuple[Person, Chat]:
    """She set her words, went on alone and talks to Maple."""
    ann = await opens(town, "ann", channel)
    await tap(town, ann, "Yes", "Not sure", "Agree on words", *RIGHT)
    return await _to_a_person(town, ann)


async def _to_a_person(town: Town, ann: Person) -> tuple[Person, Chat]:
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No", "Talk to a person", "consent.yes")
    chat = town.accept("Maple")
    await town.settle()
    chat.writes("Hello, I am here.")
    await town.settle()
    await say(town, ann, "hello to you")
    return ann, chat


async def asked(town: Town, chat: Chat) -> None:
    chat.presses("check_it_is_her")
    await town.settle()


@pytest.mark.parametrize(
    ("words", "code"), [(RIGHT, "right"), (WRONG, "wrong"), ((*RIGHT[:3], "north"), "wrong")]
)
async def test_the_volunteer_reads_a_code_and_she_reads_nothing(
    town: Town, words: tuple[str, ...], code: str
) -> None:
    ann, chat = await with_words(town)
    assert told(town, chat) == ""
    await asked(town, chat)
    assert told(town, chat) == "asked"
    assert QUESTION in lines_of(ann)
    for number, word in enumerate(words):
        assert shows(town, ann) == set(town.library.grid["en"][number][:8])
        await tap(town, ann, word)
    assert told(town, chat) == code
    assert shows(town, ann) == set()
    assert ann.texts()[-1] == "hello to you"
    chat.writes("Thank you.")
    await town.settle()
    assert ann.texts()[-1] == "Thank you."
    shown = [line.text for line in pane_of(town, chat).lines]
    assert not grid_words(town) & set(" ".join(shown).split())


async def test_right_and_wrong_look_the_same_to_her(town: Town) -> None:
    seen: list[list[tuple[str, str]]] = []
    for words in (RIGHT, WRONG):
        ann, chat = await with_words(town)
        before = len(town.channels["telegram"].sent)
        await asked(town, chat)
        await tap(town, ann, *words)
        seen.append([(m.kind.value, m.text) for m in town.channels["telegram"].sent[before:]])
        await say(town, ann, "stop")
        await town.passes(minutes=2)
    assert seen[0] == seen[1]


async def test_nobody_set_words(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await asked(town, chat)
    await tap(town, ann, *RIGHT)
    assert told(town, chat) == "none"
    assert shows(town, ann) == set()


async def test_words_of_an_older_locked_record_count_too(town: Town) -> None:
    ann, _ = await with_words(town)
    await say(town, ann, "hide")
    await town.passes(hours=1)
    ann.screen.clear()
    ann, chat = await _to_a_person(town, ann)
    assert len(town.rows(t.contact)) == 2
    await asked(town, chat)
    await tap(town, ann, *RIGHT)
    assert told(town, chat) == "right"
    assert len(town.rows(t.contact)) == 2  # nothing of the older record is opened by it


async def test_other_words_reach_the_volunteer_and_the_row_stays(town: Town) -> None:
    ann, chat = await with_words(town)
    await asked(town, chat)
    await tap(town, ann, RIGHT[0])
    await say(town, ann, "why do you ask me this now")
    assert "why do you ask me this now" in [line.text for line in pane_of(town, chat).lines]
    assert shows(town, ann) == set(town.library.grid["en"][1][:8])
    await tap(town, ann, *RIGHT[1:])
    assert told(town, chat) == "right"


async def test_the_guides_choices_end_the_question(town: Town) -> None:
    ann, chat = await with_words(town)
    await asked(town, chat)
    await tap(town, ann, RIGHT[0])
    await say(town, ann, "help now")
    assert "112" in lines_of(ann)
    assert shows(town, ann) == set()
    assert told(town, chat) == "asked"


async def test_digits_answer_where_there_are_no_buttons_and_the_volunteer_reads_none(town: Town) -> None:
    ann, chat = await in_a_chat_by_digits(town)
    rows = town.library.grid["en"]
    await asked(town, chat)
    for row in rows[:4]:
        assert shows(town, ann) == set(row[:8])
        await say(town, ann, "2")
    assert shows(town, ann) == set()
    assert told(town, chat) == "none"
    town.clock.move(seconds=1)
    assert [line.text for line in pane_of(town, chat).lines if line.whose == "her"][1:] == ["hello"]
    await say(town, ann, "2")
    assert [line.text for line in pane_of(town, chat).lines if line.whose == "her"][1:] == ["hello", "2"]
    await asked(town, chat)
    await say(town, ann, "9")
    await town.passes(minutes=1)
    assert town.rows(t.conversation)[0].stage == "closed"


async def in_a_chat_by_digits(town: Town) -> tuple[Person, Chat]:
    ann = await opens(town, "ann", "matrix")
    await say(town, ann, "1", "1", "person", "1")
    chat = town.accept("Maple")
    await town.settle()
    chat.writes("Hello, I am here.")
    await town.settle()
    await say(town, ann, "hello")
    return ann, chat


async def test_in_quiet_mode_the_row_waits_for_her_and_comes_again_after_other_words(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram", safety=("Yes", "Go on here"))
    await say(town, ann, "a word before")
    await asked(town, chat)
    assert shows(town, ann) == set()  # nothing is posted by itself
    await say(town, ann, "I am here again now")
    assert shows(town, ann) == set(town.library.grid["en"][0][:8])
    await town.passes(minutes=1)
    assert shows(town, ann) == set()  # covered
    await say(town, ann, "and now once more")
    await tap(town, ann, *RIGHT)
    assert told(town, chat) == "none"
    assert shows(town, ann) == set()


async def test_failures_count_toward_the_daily_lock(town: Town) -> None:
    ann, chat = await with_words(town)
    for _ in range(5):
        await asked(town, chat)
        await tap(town, ann, *WRONG)
        assert told(town, chat) == "wrong"
    await asked(town, chat)
    await tap(town, ann, *RIGHT)
    assert told(town, chat) == "wrong"
    await say(town, ann, "hide")
    await town.passes(days=1)
    ann.screen.clear()
    ann, chat = await _to_a_person(town, ann)
    await asked(town, chat)
    await tap(town, ann, *RIGHT)
    assert told(town, chat) == "right"


@pytest.mark.parametrize("end", ["is passed on", "is closed", "starts again"])
async def test_when_the_chat_goes_elsewhere_no_row_stays(town: Town, end: str) -> None:
    ann, chat = await with_words(town)
    await asked(town, chat)
    await tap(town, ann, RIGHT[0])
    if end == "starts again":  # a messenger still shows the old lines
        ann._acts_as(InboundKind.ARRIVED)
    elif end == "is passed on":
        chat.passes_on()
    else:
        chat.closes()
    await town.settle()
    assert shows(town, ann) == set()


async def test_the_next_volunteer_does_not_inherit_the_answer(town: Town) -> None:
    ann, chat = await with_words(town)
    await asked(town, chat)
    await tap(town, ann, *RIGHT)
    assert told(town, chat) == "right"
    chat.passes_on()
    await town.settle()
    assert told(town, town.accept("Juniper")) == ""


async def test_a_crash_before_the_comparison_loses_nothing(town: Town) -> None:
    ann, chat = await with_words(town)
    await asked(town, chat)
    await tap(town, ann, *RIGHT[:3])
    taps(ann, RIGHT[3])
    await town.intake()
    await town.turns()
    town.restarts()
    await town.settle()
    assert told(town, chat) == "right"


async def test_a_comparison_that_ends_after_the_chat_tells_nobody(town: Town) -> None:
    ann, chat = await with_words(town)
    await asked(town, chat)
    await tap(town, ann, *RIGHT[:3])
    taps(ann, RIGHT[3])
    await town.intake()
    await town.turns()
    chat.closes(Outcome.TALKED)
    await town.settle()
    assert "It is good that you are here again" not in lines_of(ann)
    assert not town.waiting()


async def test_who_was_not_asked_writes_digits_to_the_volunteer(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    town.clock.move(seconds=1)
    await say(town, ann, "3")
    assert [line.text for line in pane_of(town, chat).lines if line.whose == "her"][-1] == "3"
