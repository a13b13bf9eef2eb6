"""What she writes when nobody can be asked is kept for the next person, and for nobody else (B-096)."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.services import notes_left, panes
from bot.services.opening import open_contacts
from bot.store import tables as t
from handoff.model import Outcome
from tests.fakes.channel import Person
from tests.services.walks import asks_while_closed, in_the_queue, lines_of, opens, say, tap
from tests.town import Chat, Town, shipped_library

pytestmark = pytest.mark.long

NOTE = "he comes home at six and I can only write at night"
RIGHT = ("apple", "river", "cloud", "green")


@pytest.fixture(autouse=True)
def _everybody_signed_in(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only then a pane is shown. How slow a hash is, tests of the vault say."""
    town.write(lambda c: c.execute(update(t.person).values(state="active")))
    monkeypatch.setattr("tests.town.hash_secret", lambda words: f"${words}")
    monkeypatch.setattr("tests.town.verify_secret", lambda known, words: known == f"${words}")


def closes_for_today(town: Town) -> None:
    town.house.library = replace(town.house.library, boards={})


def opens_again(town: Town) -> None:
    town.house.library = replace(town.house.library, boards=shipped_library().boards)


def pane_of(town: Town, chat: Chat) -> panes.Pane:
    return town.read(lambda c: panes.pane(c, town.house, chat.handoff, chat.person, town.now))


def kept(town: Town) -> list[str]:
    """The notes in the contact records."""
    ids = [row.id for row in town.rows(t.contact)]
    return [one.record.note for one in town.read(lambda c: open_contacts(c, town.house, ids)).values()]


async def leaves_a_note(town: Town, *texts: str, channel: str = "telegram", end: str = "idle") -> Person:
    """Nobody can be asked; she writes, and goes."""
    closes_for_today(town)
    ann = await asks_while_closed(town, "ann", channel)
    assert "you can leave a message" in lines_of(ann)
    await tap(town, ann, "Leave a message")
    await say(town, ann, *(texts or (NOTE,)))
    if end == "done":
        await tap(town, ann, "Only when I write", "That is all", "Remove all")
    await town.passes(hours=1)
    assert all(row.stage == "closed" for row in town.rows(t.conversation))
    opens_again(town)
    ann.screen.clear()
    return ann


async def asks_again(town: Town, ann: Person, *consent: str) -> Chat:
    """She comes back when there are people, and one takes her chat."""
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No", "Talk to a person", *(consent or ("consent.yes",)))
    chat = town.accept("Maple")
    await town.settle()
    return chat


@pytest.mark.parametrize("channel", ["web", "telegram"])
@pytest.mark.parametrize("end", ["idle", "done"])
async def test_the_next_person_reads_it_and_then_it_is_gone(town: Town, channel: str, end: str) -> None:
    ann = await leaves_a_note(town, channel=channel, end=end)
    assert kept(town) == [NOTE]
    chat = await asks_again(town, ann)
    assert pane_of(town, chat).left_earlier == NOTE
    assert NOTE not in lines_of(ann)
    assert kept(town) == [""]
    chat.passes_on()
    await town.settle()
    assert pane_of(town, town.accept("Juniper")).left_earlier == ""


async def test_all_she_writes_from_then_on_is_one_note_and_nothing_of_before(town: Town) -> None:
    closes_for_today(town)
    ann = await opens(town, "ann", "telegram")
    await tap(town, ann, "Yes", "No")
    await say(town, ann, "this was written before anybody was asked for")
    await tap(town, ann, "When people are here", "Leave a message")
    await say(town, ann, NOTE)
    second = ann.types("and this is the second part of it")
    await town.settle()
    ann.edits(second, "and this is the second part, put right")
    await say(town, ann, "menu")
    await say(town, ann, "one more thing that I remember now")
    await town.passes(hours=1)
    assert kept(town) == [
        f"{NOTE}\nand this is the second part, put right\none more thing that I remember now"
    ]


async def test_when_nobody_was_free_she_may_leave_one_too(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    for alias in ("Maple", "Juniper", "Alder"):
        town.set_ready(alias, ready=False)
    await town.passes(minutes=4)
    await say(town, ann, NOTE)
    await town.passes(hours=2)
    assert kept(town) == [NOTE]


async def test_who_shares_only_the_topic_hands_nothing_over(town: Town) -> None:
    ann = await leaves_a_note(town)
    chat = await asks_again(town, ann, "consent.topic")
    assert pane_of(town, chat).left_earlier == ""
    chat.closes(Outcome.TALKED)
    await town.passes(hours=30)
    assert kept(town) == [NOTE]
    chat = await asks_again(town, ann)
    assert pane_of(town, chat).left_earlier == NOTE


async def test_a_request_nobody_took_leaves_it_where_it_is(town: Town) -> None:
    ann = await leaves_a_note(town)
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No", "Talk to a person", "consent.yes")
    assert kept(town) == [NOTE]
    await say(town, ann, "hide")
    await town.passes(minutes=1)
    assert kept(town) == [NOTE]


@pytest.mark.parametrize(("word", "left"), [("hide", [""]), ("stop", [])])
async def test_hide_withdraws_what_is_not_moved_yet_and_stop_erases_all(
    town: Town, word: str, left: list[str]
) -> None:
    closes_for_today(town)
    ann = await asks_while_closed(town, "ann", "telegram")
    await say(town, ann, NOTE, word)
    await town.passes(minutes=1)
    assert kept(town) == left


async def test_stop_erases_a_note_of_an_earlier_day(town: Town) -> None:
    ann = await leaves_a_note(town)
    await opens(town, "ann", "telegram")
    await say(town, ann, "stop")
    await town.passes(minutes=1)
    assert kept(town) == []


async def test_it_ends_with_the_record_after_seven_days(town: Town) -> None:
    await leaves_a_note(town)
    await town.passes(days=7, hours=3)
    assert kept(town) == []


async def test_with_words_set_only_who_gives_them_brings_it_back(town: Town) -> None:
    ann = await opens(town, "ann", "telegram")
    await tap(town, ann, "Yes", "Not sure", "Agree on words", *RIGHT)
    await town.passes(hours=1)
    ann.screen.clear()
    closes_for_today(town)
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No", "OK, go on", "Yes", *RIGHT)
    await say(town, ann, "person")
    await tap(town, ann, "Leave a message")
    await say(town, ann, NOTE)
    await town.passes(hours=1)
    opens_again(town)
    ann.screen.clear()
    chat = await asks_again(town, ann)  # as a stranger: her words were not given
    assert pane_of(town, chat).left_earlier == ""
    chat.closes(Outcome.TALKED)
    await town.passes(hours=30)
    assert sorted(kept(town)) == ["", NOTE]
    ann.screen.clear()
    ann.arrives()
    await town.settle()
    await tap(town, ann, "Yes", "No", "OK, go on", "Yes", *RIGHT)
    await say(town, ann, "person")
    await tap(town, ann, "consent.yes")
    assert pane_of(town, town.accept("Maple")).left_earlier == NOTE


async def test_a_second_note_follows_the_first_within_the_limit(town: Town) -> None:
    await leaves_a_note(town, "a" * 1_500)
    await leaves_a_note(town, "b" * 1_500)
    (note,) = kept(town)
    assert note == "a" * 499 + "\n" + "b" * 1_500


@pytest.mark.parametrize(
    ("older", "newer", "note"),
    [
        ("", "", ""),
        ("old", "", "old"),
        ("", "n" * 3_000, "n" * 2_000),
        ("old", "n" * 3_000, "n" * 2_000),
        ("old", "n" * 1_999, "n" * 1_999),
        ("old", "n" * 1_998, "o\n" + "n" * 1_998),
    ],
)
def test_one_note_of_two_is_never_too_long(older: str, newer: str, note: str) -> None:
    assert notes_left.joined(older, newer) == note
    assert len(notes_left.joined(older, newer)) <= notes_left.LONGEST


async def test_nothing_of_it_lies_readable_in_the_database(town: Town) -> None:
    await leaves_a_note(town)
    raw = b"".join(path.read_bytes() for path in town.folder.glob("hotline.db*"))
    assert b"comes home at six" not in raw
