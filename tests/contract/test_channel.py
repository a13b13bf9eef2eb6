"""The channel port's contract, held against every adapter and the test fake (PR1, PR2, PR5)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import timedelta

import pytest

from channels.message import Address, Capabilities, DeliveryState, InboundKind, OutboundKind, Speaker
from tests.contract.sides import SIDES, Side
from tests.webchat.page import until


@pytest.fixture(params=SIDES)
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with SIDES[request.param]() as opened:
        yield opened


def _said(side: Side) -> list[str]:
    return [m.text for m in side.host.messages if m.kind is InboundKind.TEXT]


async def test_her_words_arrive_whole_and_in_order(side: Side) -> None:
    ann = await side.woman()
    words = ["ți-am scris", "a\nb  c", "👩🏽‍🦱", "  spaces kept  ", "x" * 4_000]
    ids = [await ann.types(text) for text in words]
    await until(lambda: len(_said(side)) == 6)
    assert _said(side)[1:] == words
    assert [m.external_id for m in side.host.messages if m.kind is InboundKind.TEXT][1:] == ids
    assert len({m.address for m in side.host.messages}) == 1
    assert side.address.channel == side.channel.name


async def test_two_women_have_two_addresses_and_only_the_one_meant_is_answered(side: Side) -> None:
    ann = await side.woman()
    anns = side.address
    bea = await side.woman()
    assert side.address != anns
    await side.says("for bea")
    await until(lambda: "for bea" in bea.texts())
    assert "for bea" not in ann.texts()


async def test_an_answer_reaches_her_screen_unchanged(side: Side) -> None:
    ann = await side.woman()
    text = "First line.\n\nȘi a doua: <b>&amp;</b>"
    await side.says(text, speaker=Speaker.PERSON, speaker_name="Maria")
    await until(lambda: text in ann.texts())


async def test_choices_are_buttons_where_there_are_buttons_and_numbered_lines_elsewhere(side: Side) -> None:
    ann = await side.woman()
    await side.says("Is it safe?", "Yes", "No")
    await until(lambda: len(ann.texts()) == 2)
    if side.channel.capabilities.buttons:
        assert ann.offers() == ["Yes", "No"]
        await ann.taps("No")
        await until(lambda: side.host.messages[-1].kind is InboundKind.CHOICE)
        assert side.host.messages[-1].choice == "step.No"
    else:
        assert ann.texts()[-1] == "Is it safe?\n\n1 Yes\n2 No"
        await ann.types("2")
        await until(lambda: side.host.messages[-1].text == "2")


async def test_an_edit_replaces_text_and_choices_in_place_without_a_new_line(side: Side) -> None:
    assert side.channel.capabilities.edits
    ann = await side.woman()
    first = await side.says("•", "Show")
    await until(lambda: "•" in ann.texts()[-1])
    lines = len(ann.texts())
    await side.says("• •", "Show", "Later", kind=OutboundKind.EDIT, target=first.entry_id)
    await until(lambda: "• •" in ann.texts()[-1])
    assert len(ann.texts()) == lines
    if side.channel.capabilities.buttons:
        assert ann.offers() == ["Show", "Later"]


async def test_in_quiet_mode_an_edit_tells_her_without_a_line_or_a_sound_and_what_she_is_shown_goes_again(
    side: Side,
) -> None:
    ann = await side.woman()
    status = await side.says("\u2022", "Show")
    await until(lambda: "\u2022" in ann.texts()[-1])
    before, sounds = len(ann.texts()), ann.sounds()
    await side.says("\u2022 \u2022", "Show", kind=OutboundKind.EDIT, target=status.entry_id)
    await until(lambda: "\u2022 \u2022" in ann.texts()[-1])
    assert len(ann.texts()) == before
    if side.channel.capabilities.buttons:
        await ann.taps("Show")
        await until(lambda: side.host.messages[-1].choice == "step.Show")
    else:
        await ann.types("1")
        await until(lambda: side.host.messages[-1].text == "1")
    shown = await side.says("kept for you", speaker=Speaker.PERSON, speaker_name="Maria")
    await until(lambda: "kept for you" in ann.texts())
    await side.says("", kind=OutboundKind.DELETE, target=shown.entry_id)
    await until(lambda: "kept for you" not in ann.texts())
    assert any("\u2022 \u2022" in text for text in ann.texts())
    if side.channel.capabilities.silent:
        assert ann.sounds() == sounds


async def test_a_removed_line_is_gone_ours_and_hers(side: Side) -> None:
    assert side.channel.capabilities.deletes_ours
    assert side.channel.capabilities.deletes_hers
    ann = await side.woman()
    ours = await side.says("ours")
    await until(lambda: ann.texts() == ["hello", "ours"])
    await side.says("", kind=OutboundKind.DELETE, target=ours.entry_id)
    await until(lambda: ann.texts() == ["hello"])
    hers = next(m.external_id for m in side.host.messages if m.text == "hello")
    await side.says("", kind=OutboundKind.DELETE, target=hers, speaker=Speaker.HER)
    await until(lambda: ann.texts() == [])


async def test_what_cannot_be_delivered_is_a_receipt_and_no_exception(side: Side) -> None:
    ann = await side.woman()
    nobody = Address(side.channel.name, "A" * 43)
    receipt = await side.channel.send(side.message("to nobody", address=nobody))
    assert receipt.state in (DeliveryState.FAILED_FOR_NOW, DeliveryState.FAILED_FOR_GOOD)
    assert receipt.reason in ("not_connected", "gone", "blocked", "refused")
    await side.says("to ann")
    await until(lambda: "to ann" in ann.texts())


async def test_an_act_is_acknowledged_only_after_it_was_stored(side: Side) -> None:
    ann = await side.woman()
    side.host.refuse = True
    await ann.types("kept by you")
    await asyncio.sleep(0.3)
    assert "kept by you" not in _said(side)
    side.host.refuse = False
    await until(lambda: "kept by you" in _said(side))


async def test_after_a_restart_what_was_not_stored_is_offered_again_and_the_rest_is_not(side: Side) -> None:
    ann = await side.woman()
    await ann.types("stored")
    await until(lambda: "stored" in _said(side))
    side.host.gate.clear()  # the commit hangs as the process dies
    lost = await ann.types("not stored yet")
    await asyncio.sleep(0.1)
    await side.stop_listening()
    side.host.gate.set()
    side.host.offered.clear()
    side.listen_again()
    await until(lambda: "not stored yet" in _said(side))
    await ann.types("after")
    await until(lambda: "after" in _said(side))
    assert _said(side) == ["hello", "stored", "not stored yet", "after"]
    assert side.host.offered[0] == lost
    assert len(side.host.offered) == 2


async def test_acts_that_come_during_a_commit_go_together_into_the_next(side: Side) -> None:
    # Of one chat the network may bring one act at a time: several people write at once.
    women = [await side.woman() for _ in range(8)]
    side.host.gate.clear()
    await women[0].types("0")
    await asyncio.sleep(0.1)
    before = len(side.host.batches)
    for n in range(1, 8):
        await women[n].types(str(n))
    await asyncio.sleep(0.1)
    side.host.gate.set()
    await until(lambda: "7" in _said(side))
    assert len([b for b in side.host.batches[before:] if b.messages]) <= 3


async def test_a_repeated_send_shows_once_where_the_table_says_so(side: Side) -> None:
    ann = await side.woman()
    message = await side.says("once")
    await side.channel.send(message)
    await side.says("last")
    await until(lambda: "last" in ann.texts())
    assert ann.texts().count("once") == (1 if side.channel.capabilities.replays else 2)


async def test_it_confirms_delivery_where_the_table_says_so(side: Side) -> None:
    await side.woman()
    message = await side.says("seen?")
    if side.channel.capabilities.confirms_delivery:
        await until(lambda: message.entry_id in {seen.entry_id for seen in side.host.all("seen")})
    else:
        await asyncio.sleep(0.1)
        assert side.host.all("seen") == []


async def test_a_page_that_comes_back_says_what_it_holds_and_what_it_missed_is_shown_once(side: Side) -> None:
    ann = await side.woman()
    shown = await side.says("before the break")
    await until(lambda: "before the break" in ann.texts())
    if not side.channel.capabilities.confirms_delivery:
        return  # the network itself keeps messages for her; there is no page to come back
    await ann.disconnects()
    await until(lambda: "before the break" in ann.texts())
    missed = side.message("during the break")
    await side.channel.send(missed)
    before = len(side.host.all("reconnections"))
    await ann.reconnects()
    if (await side.channel.send(missed)).state is DeliveryState.FAILED_FOR_NOW:
        await until(lambda: len(side.host.all("reconnections")) > before)
        assert side.host.all("reconnections")[-1].after == shown.sequence
    await side.channel.send(missed)
    await until(lambda: "during the break" in ann.texts())
    assert ann.texts() == ["hello", "before the break", "during the break"]


async def test_forgetting_is_idempotent_and_nobody_is_no_error(side: Side) -> None:
    await side.woman()
    for for_good in (False, False, True, True):
        await side.channel.forget(side.address, for_good=for_good)
    await side.channel.forget(Address(side.channel.name, "B" * 43), for_good=True)
    if side.channel.capabilities.tells_presence:
        receipt = await side.channel.send(side.message("too late"))
        assert receipt.state is DeliveryState.FAILED_FOR_NOW


@pytest.mark.parametrize("for_good", [True, False])
async def test_forgetting_empties_her_screen_where_the_table_says_so(side: Side, *, for_good: bool) -> None:
    ann = await side.woman()
    await side.says("a line of ours")
    await until(lambda: len(ann.texts()) == 2)
    await side.channel.forget(side.address, for_good=for_good)
    if side.channel.capabilities.wipes:
        await until(lambda: ann.texts() == [])
    else:
        await asyncio.sleep(0.1)
        assert len(ann.texts()) == 2


async def test_who_leaves_is_told_to_the_host_once_stored(side: Side) -> None:
    if not side.channel.capabilities.tells_presence:
        return  # such a network does not say when a chat is closed
    ann = await side.woman()
    address = side.address
    await ann.leaves()
    await until(lambda: side.host.all("left"))
    assert [left.address for left in side.host.all("left")] == [address]


def _oddities(table: Capabilities) -> list[str]:
    """What in a capability table cannot be true."""
    odd = [f.name for f in fields(table) if f.name != "delete_within" and getattr(table, f.name) is None]
    if table.encryption not in ("transport", "end-to-end"):
        odd.append("encryption")
    if not (table.max_text >= 1_000 and table.max_label >= 20 and table.max_choices >= 3):
        odd.append("sizes")
    if table.delete_within is not None and table.delete_within < timedelta(hours=1):
        odd.append("delete_within")
    return odd


async def test_its_table_is_complete_and_fixed(side: Side) -> None:
    assert _oddities(side.channel.capabilities) == []
    before = side.channel.capabilities
    await side.woman()
    await side.says("anything")
    assert side.channel.capabilities == before


async def test_it_takes_as_much_text_as_its_table_says_in_both_directions(side: Side) -> None:
    ann = await side.woman()
    long_in = "ș" * side.channel.capabilities.max_inbound
    await ann.types(long_in)
    await until(lambda: long_in in _said(side))
    long_out = "ț" * side.channel.capabilities.max_text
    await side.says(long_out)
    await until(lambda: long_out in ann.texts())
