"""What is done with a chat from a messenger beside writing: the same acts as in the console (one table)."""

import pytest

from bot.services import giving
from bot.store import block_table, tables as t
from tests.services.walks import lines_of, tap
from tests.staff.bureau import Bureau
from tests.staff.test_chats import answers, place_of


async def test_she_is_asked_before_she_is_passed_on(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    phone.taps("Pass on")
    await bureau.settle()
    phone.taps("Ask her first")
    await bureau.settle()
    assert "May another person take over?" in lines_of(woman)
    bureau.town.clock.move(seconds=5)
    await tap(bureau.town, woman, "I would rather stay")
    await bureau.settle()
    assert "She tapped: I would rather stay" in phone.everything()
    phone.taps("Ask her first")
    await bureau.settle()
    assert phone.texts(place_of(phone))[-1].startswith("She said that she would rather stay")


async def test_numbers_of_the_directory_go_to_her_as_cards(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    phone.taps("More")
    await bureau.settle()
    phone.taps("Numbers and places")
    await bureau.settle()
    told = phone.texts(place_of(phone))[-1]
    assert told.startswith("What may be sent there now.")
    phone.taps("Send 1")
    await bureau.settle()
    assert woman.texts()[-1] in told
    assert woman.screen[-1].name == "", "a card is the guide's, not the volunteer's"
    assert bureau.town.count("resource.inserted") == 1


async def test_a_tap_on_an_older_list_means_what_stands_there(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    phone.types("!numbers legal", to=phone.line("Answer a line here"))
    await bureau.settle()
    older = phone.line("What may be sent there now.")
    phone.types("!numbers child", to=phone.line("Answer a line here"))
    await bureau.settle()
    phone.messages.append(older)
    phone.taps("Send 2")
    await bureau.settle()
    assert woman.texts()[-1] in older.text


async def test_a_ready_answer_is_sent_as_it_is(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    phone.taps("More")
    await bureau.settle()
    phone.taps("Ready answers")
    await bureau.settle()
    first = next(iter(giving.ready_answers(bureau.town.house, "en").values()))
    phone.taps("Send 1")
    await bureau.settle()
    assert (woman.texts()[-1], woman.screen[-1].name) == (first, "Maple")
    assert phone.texts(place_of(phone))[-1] == f"Sent: {first}"


async def test_a_typed_number_means_the_list_shown_last(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, _ = await bureau.talking()
    await answers(bureau, phone, "!close")
    await answers(bureau, phone, "!1")
    assert [row.state for row in bureau.town.rows(t.handoff)] == ["closed"]
    assert bureau.town.count("handoff.closed.talked") == 1


@pytest.mark.parametrize("typed", ["!we talked", "/We  Talked", ".outcome_talked"])
async def test_a_label_of_several_words_can_be_typed(bureau: Bureau, typed: str) -> None:
    phone, _ = await bureau.talking()
    phone.types("!close")
    await bureau.settle()
    phone.types(typed)
    await bureau.settle()
    assert bureau.town.count("handoff.closed.talked") == 1


async def test_a_supervisor_joins_by_a_tap_and_reads_once_she_is_told(any_bureau: Bureau) -> None:
    bureau = any_bureau
    alder = await bureau.links("Alder")
    phone, woman = await bureau.talking()
    await bureau.says(woman, "before anyone joined")
    phone.taps("Supervisor")
    await bureau.settle()
    assert alder.rings[-1] == "You are needed. Please look."
    alder.taps("Join")
    await bureau.settle()
    assert "Alder, who guides the volunteers" in lines_of(woman)
    bureau.town.clock.move(seconds=5)
    await bureau.says(woman, "now I know")
    assert "She: now I know" in alder.everything()
    assert "before anyone joined" not in alder.everything()
    assert "The guide told her: Alder, who guides the volunteers" in phone.everything()
    if place_of(alder) is None:
        await answers(bureau, alder, "I am Alder.", alder.line("She: now I know"))
    else:
        await answers(bureau, alder, "I am Alder.")
    assert (woman.texts()[-1], woman.screen[-1].name) == ("I am Alder.", "Alder")
    assert "Alder: I am Alder." in phone.everything()
    alder.taps("Leave this chat")
    await bureau.settle()
    assert "Alder has left and does not read here any more." in lines_of(woman)
    assert "now I know" not in alder.everything()
    assert bureau.town.rows(t.handoff)[0].state == "active"


async def test_a_supervisor_joins_by_the_name_of_a_chat(bureau: Bureau) -> None:
    alder = await bureau.links("Alder")
    phone, woman = await bureau.talking()
    name = phone.line("You have").text.removeprefix("You have ").removesuffix(" now.")
    alder.types("!join nobody at all")
    await bureau.settle()
    assert "Alder, who guides" not in lines_of(woman)
    alder.types(f"!join {name.lower()}")
    await bureau.settle()
    assert "Alder, who guides" in lines_of(woman)


async def test_a_volunteer_cannot_join(bureau: Bureau) -> None:
    juniper = await bureau.links("Juniper")
    phone, woman = await bureau.talking()
    name = phone.line("You have").text.removeprefix("You have ").removesuffix(" now.")
    juniper.types(f"!join {name}")
    await bureau.settle()
    assert "who guides" not in lines_of(woman)
    assert juniper.texts()[-1] == "That cannot be done now. Nothing was done."


async def test_misuse_with_a_block(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    phone.taps("Close")
    await bureau.settle()
    phone.taps("Misuse, and ask for a block")
    await bureau.settle()
    assert "Closed. That address meets only the urgent number for a day" in phone.everything()
    assert [row.state for row in bureau.town.rows(block_table.block)] == ["asked"]
    assert bureau.town.count("handoff.closed.misuse") == 1
    assert "closed now" in lines_of(woman)
