"""Her words with us: set by taps, asked of everyone alike, silent in failure (design §4, B-020)."""

import pytest

from bot.services import deadlines, phrases
from bot.store import tables as t
from handoff.model import Outcome
from tests.fakes.channel import Person
from tests.services.walks import lines_of, opens, say, tap, taps
from tests.town import Town

CHANNEL = "telegram"
RIGHT = ("apple", "river", "cloud", "green")
WRONG = ("bridge", "button", "train", "seven")
ASKED = "agreed on four words with us before. Did you?"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept and who is told is the matter here; how slow a hash is, tests of the vault say."""
    monkeypatch.setattr("tests.town.hash_secret", lambda words: f"${words}")
    monkeypatch.setattr("tests.town.verify_secret", lambda known, words: known == f"${words}")


async def sets_words(town: Town, handle: str = "ann") -> Person:
    ann = await opens(town, handle, CHANNEL)
    await tap(town, ann, "Yes", "Not sure", "Agree on words", *RIGHT)
    return ann


async def leaves_for_today(town: Town, ann: Person) -> None:
    await town.passes(hours=1)
    assert all(row.stage == "closed" for row in town.rows(t.conversation))
    ann.screen.clear()


async def returns_with(town: Town, ann: Person, words: tuple[str, ...]) -> list[str]:
    """She comes again and gives these words; every text she reads on the way."""
    before = len(town.channels[CHANNEL].sent)
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No", "OK, go on", "Yes", *words)
    mine = [m for m in town.channels[CHANNEL].sent[before:] if m.address == ann.address]
    return [m.text for m in mine]


def words_on(town: Town, woman: Person) -> set[str]:
    """Words of the grid that can be read on her screen, as text or on a button."""
    shown = [line.text for line in woman.screen]
    shown += [choice.label for line in woman.screen for choice in line.choices]
    read = {word.strip(".,:;").casefold() for text in shown for word in text.split()}
    return {word for row in town.library.grid["en"] for word in row if word.casefold() in read}


@pytest.mark.parametrize("channel", ["web", "telegram", "matrix"])
@pytest.mark.parametrize("safety", [("Not sure", "Go on here"), ("No",)])
async def test_no_word_of_the_grid_stays_on_her_screen(
    town: Town, channel: str, safety: tuple[str, ...]
) -> None:
    ann = await opens(town, "ann", channel)
    digits = {"Yes": "1", "Not sure": "3", "No": "1", "Go on here": "5", "OK, go on": "1"}

    async def answers(*labels: str) -> None:
        if channel == "matrix":
            await say(town, ann, *(digits[label] for label in labels))
        else:
            await tap(town, ann, *labels)

    await answers("Yes", *safety, "OK, go on", "Yes")
    for row in town.library.grid["en"][:4]:
        assert words_on(town, ann) == set(row)
        if channel == "matrix":
            await say(town, ann, "2")
            assert "2" not in ann.texts()
        else:
            await tap(town, ann, row[1])
    assert words_on(town, ann) == set()
    assert "Thank you. Let us go on from here." in ann.texts()


@pytest.mark.parametrize("instead", ["I can not do this, wait a moment", "help now", "river"])
async def test_a_row_goes_when_she_does_something_else_and_a_typed_word_is_no_line(
    town: Town, instead: str
) -> None:
    ann = await opens(town, "ann", CHANNEL)
    await tap(town, ann, "Yes", "No", "OK, go on", "Yes", RIGHT[0])
    before = set(town.library.grid["en"][1])
    assert words_on(town, ann) == before
    await say(town, ann, instead)
    asked = sum("Tap one below" in text for text in ann.texts())
    assert asked == (0 if instead == "help now" else 1)
    expected = {"help now": set(), "river": set(town.library.grid["en"][2])}
    assert words_on(town, ann) == expected.get(instead, before)
    assert "river" not in ann.texts()


async def test_words_are_set_on_the_grid_and_taken_off_the_screen(town: Town) -> None:
    ann = await sets_words(town)
    assert words_on(town, ann) == set()
    assert town.count("phrase.set") == 1


async def test_the_right_words_bring_back_what_she_chose_and_what_waited(town: Town) -> None:
    ann = await sets_words(town)
    await tap(town, ann, "Go on here", "OK, go on", "No", "Yes", "About me", "Talk to a person", "Yes")
    chat = town.accept("Maple")
    chat.writes("first")
    await town.passes(minutes=3)
    chat.writes("you can come on Monday")
    chat.closes(Outcome.TALKED)
    await leaves_for_today(town, ann)
    texts = await returns_with(town, ann, RIGHT)
    assert "you can come on Monday" in texts
    assert "Thank you. It is good that you are here again." in texts
    # Her age is known again: it is not asked while she waits.
    await say(town, ann, "person")
    await tap(town, ann, "consent.yes")
    assert town.waiting()
    assert not any("Are you 18 or over?" in text for text in ann.texts())
    await say(town, ann, "person")
    await tap(town, ann, "Leave the queue")
    await leaves_for_today(town, ann)
    texts = await returns_with(town, ann, RIGHT)
    assert "you can come on Monday" not in texts


async def test_a_wrong_one_a_stranger_and_a_locked_record_read_the_same_to_the_byte(town: Town) -> None:
    ann = await sets_words(town)
    await leaves_for_today(town, ann)
    wrong = await returns_with(town, ann, WRONG)
    await leaves_for_today(town, ann)
    for _ in range(5):
        await returns_with(town, ann, WRONG)
        await leaves_for_today(town, ann)
    locked = await returns_with(town, ann, RIGHT)
    stranger = await returns_with(town, town.woman("bea", CHANNEL), RIGHT)
    assert wrong == locked == stranger
    assert any(ASKED in text for text in stranger)
    assert "Thank you. Let us go on from here." in wrong


async def test_five_failures_lock_for_the_day_and_the_next_day_opens(town: Town) -> None:
    ann = await sets_words(town)
    await leaves_for_today(town, ann)
    for _ in range(5):
        await returns_with(town, ann, WRONG)
        await leaves_for_today(town, ann)
    assert "Thank you. It is good that you are here again." not in await returns_with(town, ann, RIGHT)
    await leaves_for_today(town, ann)
    await town.passes(days=1)
    assert "Thank you. It is good that you are here again." in await returns_with(town, ann, RIGHT)


async def test_every_comparison_takes_the_same_number_of_hashes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    compared = Town.compare
    monkeypatch.setattr(
        Town, "compare", lambda self, c: (counted.append(len(c.hashes)), compared(self, c))[1]
    )
    ann = await sets_words(town)
    await leaves_for_today(town, ann)
    counted.clear()
    await returns_with(town, ann, WRONG)
    await returns_with(town, town.woman("bea", CHANNEL), RIGHT)
    await leaves_for_today(town, ann)
    await returns_with(town, ann, RIGHT)
    assert len(set(counted)) == 1


async def test_without_her_words_she_is_a_stranger(town: Town) -> None:
    ann = await sets_words(town)
    record = town.rows(t.contact)[0].id
    await leaves_for_today(town, ann)
    await opens(town, "ann", CHANNEL)
    (talk,) = town.rows(t.conversation, t.conversation.c.stage != "closed")
    assert talk.contact != record
    assert town.rows(t.contact, t.contact.c.id == record)[0].locked


async def test_stop_erases_locked_records_too(town: Town) -> None:
    ann = await sets_words(town)
    await leaves_for_today(town, ann)
    await opens(town, "ann", CHANNEL)
    assert len(town.rows(t.contact)) == 2
    await say(town, ann, "stop")
    await town.passes(minutes=1)
    assert town.rows(t.contact) == []
    assert town.rows(t.data_key) == []


async def test_stop_after_the_end_erases_the_record(town: Town) -> None:
    ann = await sets_words(town)
    await leaves_for_today(town, ann)
    await say(town, ann, "stop")
    await town.passes(minutes=1)
    assert town.rows(t.contact) == []


async def test_hide_after_the_end_leaves_her_record_and_makes_no_other(town: Town) -> None:
    ann = await sets_words(town)
    await leaves_for_today(town, ann)
    before = [row.id for row in town.rows(t.contact)]
    await say(town, ann, "hide")
    await town.passes(minutes=1)
    assert [row.id for row in town.rows(t.contact)] == before
    assert "It is good that you are here again" in "".join(await returns_with(town, ann, RIGHT))


@pytest.mark.parametrize(("words", "days"), [(False, 7), (True, 90)])
async def test_a_record_ends_by_itself(town: Town, words: bool, days: int) -> None:
    ann = await sets_words(town) if words else await opens(town, "ann", CHANNEL)
    await leaves_for_today(town, ann)
    assert len(town.rows(t.contact)) == 1
    town.clock.move(days=days, hours=-1)
    await town.settle()
    assert len(town.rows(t.contact)) == 1
    await town.passes(hours=3)
    assert town.rows(t.contact) == []
    assert town.rows(t.data_key) == []


async def test_a_crash_between_the_taps_and_the_comparison_loses_nothing(town: Town) -> None:
    ann = await sets_words(town)
    await leaves_for_today(town, ann)
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No", "OK, go on", "Yes", *RIGHT[:3])
    taps(ann, RIGHT[3])
    await town.intake()
    await town.turns()
    town.restarts()
    await town.settle()
    assert "It is good that you are here again" in lines_of(ann)


async def test_a_chat_opened_anew_while_the_words_are_compared_tells_nothing_before_the_safe_check(
    town: Town,
) -> None:
    ann = await sets_words(town)
    await tap(town, ann, "Go on here", "OK, go on", "No", "Yes", "About me", "Talk to a person", "Yes")
    chat = town.accept("Maple")
    await town.passes(minutes=2.9)
    chat.writes("words that waited")
    chat.closes(Outcome.TALKED)
    await leaves_for_today(town, ann)
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No", "OK, go on", "Yes", *RIGHT[:3])
    taps(ann, RIGHT[3])
    await town.intake()
    await town.turns()
    due = town.write(lambda c: deadlines.do_due(c, town.house, town.now))
    comparisons = [
        town.write(lambda c, x=x: phrases.prepare(c, town.house, x, town.now)) for x in due.phrases
    ]
    assert len(comparisons) == 1
    ann.arrives()
    await town.intake()
    await town.turns()
    for comparison in comparisons:
        town.compare(comparison)
    await town.settle()
    assert "words that waited" not in lines_of(ann)
    assert town.count("phrase.found") == 0
    await tap(town, ann, "Yes", "No")
    assert "words that waited" not in lines_of(ann)
    await tap(town, ann, *RIGHT)
    assert "words that waited" in lines_of(ann)
