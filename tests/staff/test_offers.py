"""What rings on a volunteer's messenger when somebody waits, and when it goes again."""

from pathlib import Path

from bot.store import tables as t
from channels.message import DeliveryState, Receipt
from tests.staff.bureau import Bureau, open_bureau

PING = "There is something for you."


async def test_by_default_a_ring_says_nothing_and_opens_the_console(tmp_path: Path) -> None:
    bureau = open_bureau(tmp_path, text=False)
    phone = await bureau.links("Maple")
    await bureau.waits()
    assert phone.rings == [PING]
    assert phone.line(PING).link == ("Open", "https://console.example.org")
    assert phone.line(PING).choices == ()


async def test_where_words_may_stand_an_offer_tells_its_codes_and_never_a_word(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    woman = await bureau.waits()
    await bureau.says(woman, "my own secret words")
    [ring] = phone.rings
    assert ring.startswith("Ordinary, ")
    assert "en, no country chosen" in ring
    assert "secret" not in phone.everything()
    assert [choice.label for choice in phone.line("Ordinary").choices] == ["Accept", "Decline"]


async def test_an_offer_goes_when_another_was_faster(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    await bureau.waits()
    assert "Ordinary" in phone.everything()
    bureau.town.accept("Juniper")
    await bureau.settle()
    assert "Ordinary" not in phone.everything()


async def test_who_taps_an_offer_that_is_gone_is_told_and_nothing_happens(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    await bureau.waits()
    phone.taps("Accept")  # on its way while Juniper accepts
    bureau.town.accept("Juniper")
    await bureau.settle()
    assert phone.texts()[-1] == "Somebody else was faster, or she no longer waits."
    assert bureau.town.rows(t.handoff)[0].person == bureau.town.person_id("Juniper")


async def test_declining_takes_the_offer_away_and_asks_the_next(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    await bureau.waits()
    phone.taps("Decline")
    await bureau.settle()
    assert phone.texts()[-1] == "Declined. Somebody else is asked."
    assert "Ordinary" not in phone.everything()
    states = {row.person: row.state for row in bureau.town.rows(t.offer)}
    assert states[bureau.town.person_id("Maple")] == "declined"


async def test_an_offer_typed_by_word_is_accepted_where_there_is_one(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    await bureau.waits()
    phone.types("/accept")
    await bureau.settle()
    assert bureau.town.rows(t.handoff)[0].person == bureau.town.person_id("Maple")


async def test_a_ring_is_never_sent_late(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    bureau.network.refuses = lambda _: Receipt(DeliveryState.FAILED_FOR_NOW, "network")
    woman = await bureau.waits()
    woman.types("hide")
    await bureau.town.settle()
    bureau.network.refuses = lambda _: None
    await bureau.passes(minutes=5)
    assert phone.rings == []


async def test_while_a_chat_without_a_topic_is_open_here_the_next_offer_only_rings(bureau: Bureau) -> None:
    phone, _ = await bureau.talking()
    rung = len(phone.rings)
    await bureau.waits("bea")
    await bureau.passes(minutes=2)
    assert all("Ordinary" not in ring for ring in phone.rings[rung:])
    waiting = bureau.town.waiting()[0].id
    phone.types("/accept")
    await bureau.settle()
    assert bureau.town.handoff(waiting).person is None


async def test_without_an_answer_of_hers_the_holder_is_rung_then_the_supervisor(bureau: Bureau) -> None:
    phone, woman = await bureau.talking()
    alder = await bureau.links("Alder")
    # Whoever never says a first word is taken for not being there.
    phone.types("I am here now", to=phone.line("Answer a line here"))
    await bureau.settle()
    await bureau.says(woman, "are you there")
    await bureau.passes(minutes=3.5)
    assert phone.rings[-1] == "An answer is owed. Please look."
    assert alder.rings == []
    await bureau.passes(minutes=3)
    assert alder.rings == ["You are needed. Please look."]
    assert alder.line("You are needed").link == ("Open", "https://console.example.org")


async def test_what_rang_goes_after_the_shift(tmp_path: Path) -> None:
    bureau = open_bureau(tmp_path, text=False)
    phone = await bureau.links("Maple")
    await bureau.waits()
    assert phone.messages
    bureau.town.house.library.boards.clear()  # nobody is on duty any more
    await bureau.passes(minutes=15)
    assert phone.messages == []
    await bureau.passes(minutes=15)
    assert bureau.rows() == []
