"""A chat on a volunteer's messenger: to the one she names or to nobody, and gone when it is over (PR8)."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.services import desk, people
from bot.services.opening import keep, open_conversations
from bot.store import staff_tables as s, tables as t
from bot.store.writes import Writes
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import load_master_key
from bot.vault.vault import Vault
from channels.message import DeliveryState, OutboundKind, OutboundMessage, Receipt
from handoff.model import Outcome
from tests.fakes.messenger import Message, Phone
from tests.forensics.marks import opened, traces
from tests.services.walks import lines_of
from tests.staff.bureau import Bureau, open_bureau


def place_of(phone: Phone) -> str | None:
    """The topic or room of the one chat, None where there are none."""
    return next(iter(phone.places), None)


async def answers(bureau: Bureau, phone: Phone, text: str, to: Message | None = None) -> None:
    """She answers in the topic, or by the messenger's reply."""
    place = place_of(phone)
    if place is not None:
        phone.types(text, place=place)
    else:
        phone.types(text, to=to or phone.line("Answer a line here"))
    await bureau.settle()


async def test_both_ways_under_aliases(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    await bureau.says(woman, "is anybody there")
    line = phone.line("is anybody there")
    assert (line.text, line.protected, line.place) == ("She: is anybody there", True, place_of(phone))
    assert phone.rings[-1] == "She: is anybody there"
    await answers(bureau, phone, "I am here.", line)
    assert woman.texts()[-1] == "I am here."
    assert woman.screen[-1].name == "Maple"
    assert "ann" not in phone.everything()
    assert "maple" not in lines_of(woman)


async def test_lines_that_could_not_be_deleted_from_her_phone_are_told(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    assert "stay on her phone" not in phone.everything()

    (live,) = bureau.town.rows(t.conversation, t.conversation.c.stage == "live")

    def found(connection: Connection) -> None:
        writes = Writes()
        for talk in open_conversations(connection, bureau.town.house, [live.id]).values():
            talk.state.undeleted = True
            keep(writes, talk)
        writes.flush(connection)

    bureau.town.write(found)
    await bureau.says(woman, "still here")
    assert phone.everything().count("stay on her phone") == 1


async def test_what_names_no_chat_goes_to_nobody(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    before = lines_of(woman)
    phone.types("words without an address")
    await bureau.settle()
    assert lines_of(woman) == before
    assert phone.texts()[-1] == "Nothing was sent. Answer a line of the chat with your messenger's reply."


@pytest.mark.parametrize("text", ["/close", "!3", ".note he is back", "  /weather", "!!", "／pass"])
async def test_a_line_with_a_mark_is_never_relayed(any_bureau: Bureau, text: str) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    before = [line.text for line in woman.screen if line.name]
    await answers(bureau, phone, text)
    assert [line.text for line in woman.screen if line.name] == before


async def test_a_mark_in_the_middle_holds_the_whole_text_back(any_bureau: Bureau) -> None:
    phone, woman = await any_bureau.talking()
    before = lines_of(woman)
    await answers(any_bureau, phone, "I close now\n/close")
    assert lines_of(woman) == before
    assert phone.texts(place_of(phone))[-1] == "Not sent: a line begins with / . or ! like a command."


async def test_her_changes_and_deletions_are_honoured(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    first = woman.types("my street is Long Lane")
    await bureau.settle()
    woman.edits(first, "something else")
    await bureau.settle()
    assert "Long Lane" not in phone.everything()
    assert "She (changed): something else" in phone.everything()
    woman.deletes(first)
    await bureau.settle()
    assert "something else" not in phone.everything()
    assert "She deleted this line." in phone.everything()


async def test_a_long_letter_comes_whole(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    letter = " ".join(f"word{number}" for number in range(1500))
    await bureau.says(woman, letter)
    shown = " ".join(text.removeprefix("She: ") for text in phone.texts(place_of(phone)) if "word" in text)
    assert shown.split() == letter.split()


async def test_a_link_or_a_number_not_ours_waits_for_a_second_tap(any_bureau: Bureau) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    text = "ring 0799 123 456, or see example.org"
    await answers(bureau, phone, text)
    told = phone.texts(place_of(phone))[-1]
    assert told.splitlines()[0].startswith("Not sent yet.")
    assert "0799 123 456" in told
    assert "example.org" in told
    assert "0799" not in lines_of(woman)
    phone.taps("Send it as it is")
    await bureau.settle()
    assert woman.texts()[-1] == "ring 0799 123 456, or see example . org"


@pytest.mark.parametrize("end", ["closes", "passes on", "someone else", "hides", "stops", "taken back"])
async def test_when_it_is_over_nothing_of_it_stays(any_bureau: Bureau, end: str) -> None:
    bureau = any_bureau
    phone, woman = await bureau.talking()
    await bureau.says(woman, "my secret words")
    await answers(bureau, phone, "an answer of mine")
    await ends(bureau, phone, woman, end)
    everything = phone.everything()
    for word in ("secret", "an answer of mine", "no country chosen", "She:"):
        assert word not in everything, word
    assert phone.places == {}
    assert "is over here" in everything
    assert bureau.town.rows(s.staff_chat) == []
    assert bureau.town.rows(s.staff_post, s.staff_post.c.chat.is_not(None)) == []


async def ends(bureau: Bureau, phone: Phone, woman: object, end: str) -> None:
    match end:
        case "closes":
            phone.taps("Close")
            await bureau.settle()
            phone.taps("We talked")
        case "passes on":
            phone.taps("Pass on")
            await bureau.settle()
            phone.taps("At once")
        case "someone else":
            phone.taps("Someone else")
            await bureau.settle()
            phone.taps("Yes, cover and end")
        case "taken back":
            woman.types("hello?")  # type: ignore[attr-defined]
            await bureau.settle()
            await bureau.passes(minutes=11)
        case _:
            woman.types("hide" if end == "hides" else "stop")  # type: ignore[attr-defined]
    await bureau.settle()


async def test_after_hide_the_volunteer_is_told_and_has_room_again(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    woman.types("hide")
    await bureau.settle()
    assert phone.texts()[-1].startswith("She had to leave.")
    assert [row.state for row in bureau.town.rows(t.handoff)] == ["closed"]


async def test_words_to_a_chat_that_is_over_reach_nobody(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    await bureau.says(woman, "hello")
    line = phone.line("She: hello")
    phone.types("too late", to=line)
    woman.types("hide")
    await bureau.town.settle()
    await bureau.settle()
    woman.arrives()
    await bureau.settle()
    assert "too late" not in lines_of(woman)


async def test_two_chats_in_topics_never_mix(tmp_path: Path) -> None:
    bureau = open_bureau(tmp_path, "telegram-staff+topics")
    holds_two(bureau, "Maple")
    bureau.town.set_ready("Juniper", ready=False)
    phone, ann = await bureau.talking()
    bea = await bureau.waits("bea")
    phone.taps("Accept")
    await bureau.settle()
    [annas, beas] = phone.places
    for woman, place in ((ann, annas), (bea, beas)):
        phone.types(f"for {place} alone", place=place)
        await bureau.settle()
        assert woman.texts()[-1] == f"for {place} alone"
    await bureau.says(bea, "bea writes")
    assert phone.line("bea writes").place == beas
    # A reply across places names two chats: the place it is written in counts.
    phone.types("crossed", to=phone.line("bea writes"), place=annas)
    await bureau.settle()
    assert ann.texts()[-1] == "crossed"
    assert "crossed" not in lines_of(bea)


async def test_where_the_network_refuses_a_topic_lines_are_answered_one_by_one(tmp_path: Path) -> None:
    bureau = open_bureau(tmp_path, "telegram-staff+topics")

    def no_topics(message: OutboundMessage) -> Receipt | None:
        refused = message.kind is OutboundKind.OPEN
        return Receipt(DeliveryState.FAILED_FOR_GOOD, "no_places") if refused else None

    bureau.network.refuses = no_topics
    phone, woman = await bureau.talking()
    await bureau.says(woman, "hello")
    line = phone.line("She: hello")
    assert (line.place, line.asks_reply) == (None, True)
    await answers(bureau, phone, "good evening", line)
    assert woman.texts()[-1] == "good evening"


async def test_words_that_wait_for_her_are_told_so_once_and_come_with_her_next_act(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    await answers(bureau, phone, "I am here.")
    await bureau.passes(minutes=11)
    await answers(bureau, phone, "Still here.")
    await bureau.passes(minutes=2)
    assert "Still here." not in lines_of(woman)
    assert phone.texts().count("Kept until she writes; then she sees it.") == 1
    await bureau.says(woman, "back again")
    assert woman.texts()[-1] == "Still here."


async def test_a_topic_word_first_is_asked_about_and_sent_only_by_a_tap(bureau: Bureau) -> None:
    bureau.town.house.library.sensitive = {"en": ("violen",)}
    phone, woman = await bureau.talking()
    await bureau.says(woman, "hello")
    await answers(bureau, phone, "The violence is not your fault.")
    assert "violence" not in lines_of(woman)
    assert "A locked screen would show: violen" in phone.everything()
    phone.taps("Send it as it is")
    await bureau.settle()
    assert woman.texts()[-1] == "The violence is not your fault."
    phone.types("/send_anyway")
    await bureau.settle()
    assert lines_of(woman).count("not your fault") == 1


async def test_a_note_that_tells_who_she_is_is_kept_only_when_it_is_meant_so(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    await bureau.says(woman, "hello")
    phone.types("/note her sister is 0744 123 456")
    await bureau.settle()
    assert "this could tell who or where she is: 0744 123 456" in phone.everything()
    assert bureau.town.rows(t.note) == []
    phone.types("/send_anyway")  # what was never meant for her is no draft of words to her
    await bureau.settle()
    assert "0744" not in lines_of(woman)
    phone.types("/note ! her sister is 0744 123 456")
    await bureau.settle()
    assert len(bureau.town.rows(t.note)) == 1
    assert "0744" not in lines_of(woman)


async def test_commands_do_what_the_console_does(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    await bureau.says(woman, "hello")
    phone.types("/note speaks slowly")
    phone.taps("Check it is her")
    await bureau.settle()
    assert "Note kept. She never sees it." in phone.everything()
    assert "The question was sent to her." in phone.everything()
    assert len(bureau.town.rows(t.note)) == 1
    phone.taps("Supervisor")
    await bureau.settle()
    assert "A supervisor on duty is called." in phone.everything()
    alder = await bureau.links("Alder")
    phone.taps("Supervisor")
    await bureau.settle()
    assert alder.rings == ["You are needed. Please look."]
    phone.types("/pause")
    await bureau.settle()
    assert phone.texts()[-1] == "You are paused. No new chat is offered to you."


async def test_other_things_than_text_are_refused_kindly(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    before = lines_of(woman)
    sent = phone.types("one", to=phone.line("Answer a line here"))
    await bureau.settle()
    phone.sends_media()
    phone.edits(sent, "two")
    phone.types("/dance")
    await bureau.settle()
    assert phone.texts()[-3:] == [
        "Only text reaches her. Nothing was sent.",
        "A change does not reach her. Write it as a new line.",
        "That is no command here. Nothing was sent.",
    ]
    assert lines_of(woman) == f"{before}\none"


async def test_an_act_offered_twice_is_done_once(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    phone.types("only once", to=phone.line("Answer a line here"))
    [update] = bureau.network.updates[-1:]
    bureau.take([update])
    bureau.take([update])
    await bureau.settle()
    assert lines_of(woman).count("only once") == 1


async def test_who_blocks_the_bot_is_asked_no_more_until_she_writes(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    phone.blocked = True
    await bureau.waits()
    [address] = bureau.town.rows(s.staff_address)
    assert address.state == "blocked"
    phone.blocked = False
    phone.types("/menu")
    await bureau.settle()
    assert bureau.town.rows(s.staff_address)[0].state == "linked"
    assert "Nothing is open here." in phone.everything()


async def test_after_a_close_the_key_opens_nothing_of_what_was_posted(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    await bureau.says(woman, "quillwort is my word")
    town = bureau.town
    copy = town.saves_copy()
    chat = town.rows(t.handoff)[0]
    town.write(
        lambda c: desk.close(
            c, town.house, chat.id, chat.person, chat.claim_version, Outcome.TALKED, town.now
        )
    )
    await bureau.settle()
    assert "quillwort" not in phone.everything()
    town.turns_keys()
    ring = KeyRing.open(town.folder / "keys", load_master_key(town.folder / "master.key"))
    assert not [
        text for texts in opened(copy, Vault(ring)).values() for text in texts if b"quillwort" in text
    ]
    town.closes()
    assert traces(town.folder, ["quillwort"]) == []


def holds_two(bureau: Bureau, alias: str) -> None:
    """Her profile allows two chats at once."""
    town = bureau.town

    def work(connection: Connection) -> None:
        person = people.find(connection, town.house, alias)
        people.save_profile(connection, town.house, person.id, replace(person.profile, max_chats=2))

    town.write(work)
