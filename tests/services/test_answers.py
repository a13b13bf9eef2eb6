"""What the guide answers at once: to what is no text, and in a chat with a person."""

import re

import pytest

from bot.services.opening import open_contacts
from bot.store import tables as t
from handoff.model import Outcome
from tests.services.walks import in_a_chat, in_the_queue, lines_of, opens, past_the_notice, say, tap
from tests.town import Town
from triage.directory import Directory, Kind


async def test_what_is_no_text_is_answered_with_a_line_that_is_open_and_a_person(town: Town) -> None:
    ann = await opens(town, "ann", "telegram")
    ann.sends_media()
    await town.settle()
    said = ann.texts()[-1]
    number = re.search(r"A number to call now: ([\d ]+) \(Romania\), not yet checked by us\.$", said)
    assert number is not None, said
    assert number[1] != "112"
    assert [choice.label for choice in ann.screen[-1].choices][:1] == ["Talk to a person"]


async def test_the_line_is_one_of_the_country_she_chose(town: Town) -> None:
    ann = await past_the_notice(town, "ann", "web")
    await tap(town, ann, "Only information", "Places and numbers", "To talk and ask")
    await say(town, ann, "Austria")
    ann.sends_media()
    await town.settle()
    assert "(Austria)" in ann.texts()[-1]


async def test_where_no_line_is_open_the_emergency_number_is_told(town: Town) -> None:
    library = town.house.library
    library.directory = Directory.of(row for row in library.directory.resources if row.kind is Kind.EMERGENCY)
    ann = await opens(town, "ann", "telegram")
    ann.sends_media()
    await town.settle()
    assert ann.texts()[-1].endswith("A number to call now: 112 (Romania).")


async def test_in_a_chat_too(town: Town) -> None:
    ann, _ = await in_a_chat(town, "ann", "telegram")
    ann.sends_media()
    await town.settle()
    assert "A number to call now:" in ann.texts()[-1]
    await say(town, ann, "only words then")


GUIDE_AGAIN = "automatic guide again"


async def test_whoever_sends_the_person_away_is_told_once_that_the_guide_writes(town: Town) -> None:
    ann, _ = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "person off")
    assert lines_of(ann).count(GUIDE_AGAIN) == 1
    assert ann.texts()[-1] == "What would help you most now?"
    await say(town, ann, "I write to the guide now")
    assert lines_of(ann).count(GUIDE_AGAIN) == 1


@pytest.mark.parametrize("word", ["handing over", "had to leave"])
async def test_a_chat_that_goes_back_says_who_writes_and_where_she_stands(town: Town, word: str) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    if word == "handing over":
        chat.passes_on()
        await town.settle()
    else:
        await town.passes(minutes=11)
    await say(town, ann, "are you there, please answer me")
    told = next(line for line in reversed(ann.screen) if word in line.text)
    assert lines_of(ann).count(GUIDE_AGAIN) == 1
    assert told.choices[0].label == "Help now"
    assert "You are now writing with" not in ann.texts()[-1]


async def test_another_languages_word_for_the_guide_alone_goes_to_the_volunteer(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "fără om")
    assert ann.texts()[-1] == "fără om"
    chat.writes("I am still here.")
    await town.settle()
    assert ann.texts()[-1] == "I am still here."
    await say(town, ann, "ajutor")
    assert "112" in lines_of(ann)
    await say(town, ann, "person off")
    assert GUIDE_AGAIN in lines_of(ann)


async def test_a_chat_closed_for_misuse_says_one_thing_and_is_erased(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.closes(Outcome.MISUSE)
    await town.settle()
    assert ann.texts()[-1].startswith("This chat is for people who need support, and it is closed now.")
    await town.passes(minutes=2)
    assert [row.stage for row in town.rows(t.conversation)] == ["closed"]


async def test_how_much_it_helped_is_counted_and_nothing_else_is_kept_of_it(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.closes()
    await town.settle()
    await tap(town, ann, "Leave the numbers", "Yes", "Very much")
    assert town.count("answer.helped.5") == 1
    await town.passes(minutes=2)
    (contact,) = town.rows(t.contact)
    opened = open_contacts_of(town, contact.id)
    assert not {"helped", "outcome", "numbers"} & opened.keys()


async def test_after_words_of_danger_it_is_not_asked(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "he is at the door and will kill me")
    chat.closes()
    await town.settle()
    await tap(town, ann, "Leave the numbers")
    assert ann.texts()[-1].startswith("OK. You can write again")


async def test_numbers_she_wants_to_keep_stay_though_the_last_question_is_not_answered(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    await say(town, ann, "help now")
    card = next(line.text for line in ann.screen if line.text.startswith("112"))
    chat = town.accept("Maple")
    await town.settle()
    chat.closes()
    await town.settle()
    await tap(town, ann, "Leave the numbers")
    assert "Is it safe for you" in ann.texts()[-1]
    await town.passes(minutes=45)
    assert [row.stage for row in town.rows(t.conversation)] == ["closed"]
    assert card in ann.texts()


def open_contacts_of(town: Town, contact: str) -> dict[str, str]:
    """The coded answers of a contact record."""
    return town.write(lambda c: dict(open_contacts(c, town.house, [contact])[contact].record.answers))
