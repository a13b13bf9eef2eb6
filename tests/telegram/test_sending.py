"""What reaches her screen and how: keys, parts, silence, edits, deletions, and every failure as data."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.message import DeliveryState, OutboundKind, Receipt, Speaker
from tests.botapi.limits import Limits
from tests.botapi.mishaps import Kind
from tests.telegram.rig import Rig, rig

SENT = DeliveryState.SENT


async def test_a_message_is_silent_unpreviewed_with_a_key_a_row_and_its_digit(side: Rig) -> None:
    side.phone.starts()
    receipt = await side.chat.send(side.message("See https://example.org\nSafe?", "Yes", "No"))
    (line,) = [one for one in side.phone.screen() if one.from_bot]
    assert receipt == Receipt(SENT, remote_id=str(line.id))
    assert (line.silent, line.preview_off, line.protected) == (True, True, False)
    assert [[key["text"] for key in row] for row in line.keyboard] == [["1 Yes"], ["2 No"]]
    assert not side.phone.notices[0].sounding


async def test_a_persons_words_are_protected_and_bear_her_alias(side: Rig) -> None:
    side.phone.starts()
    await side.chat.send(
        side.message("I am here.", speaker=Speaker.PERSON, speaker_name="Maple", protect=True)
    )
    assert side.phone.theirs() == ["Maple: I am here."]
    assert side.phone.screen()[-1].protected


async def test_a_long_text_is_sent_in_parts_whole_with_the_keys_below_and_deleted_as_one(side: Rig) -> None:
    side.phone.starts()
    text = "\n\n".join(f"Paragraph {n}. " + "word " * 150 for n in range(12))
    receipt = await side.chat.send(side.message(text, "Yes"))
    lines = [one for one in side.phone.screen() if one.from_bot]
    assert len(lines) == 3
    assert "".join("".join(line.text.split()) for line in lines) == "".join(text.split())
    assert [bool(line.keyboard) for line in lines] == [False, False, True]
    gone = side.message(
        kind=OutboundKind.DELETE, target="e1", target_remote_id=receipt.remote_id, speaker=Speaker.GUIDE
    )
    assert (await side.chat.send(gone)).state is SENT
    assert side.phone.theirs() == []
    assert side.double.world.calls["deleteMessages"] == 1


async def test_a_part_that_failed_is_sent_later_and_the_others_not_again(side: Rig) -> None:
    side.phone.starts()
    message = side.message("a" * 4_096 + " " + "b" * 4_096 + " c")
    side.double.world.limits.overall = (2, 1.0)
    receipt = await side.chat.send(message)
    assert receipt.state is DeliveryState.FAILED_FOR_NOW
    assert receipt.reason == "rate_limited"
    assert receipt.remote_id is not None
    assert receipt.remote_id.count(",") == 1
    await asyncio.sleep(1.05)
    receipt = await side.chat.send(message)
    assert receipt.state is SENT
    assert [text[0] for text in side.phone.theirs()] == ["a", "b", "c"]
    assert receipt.remote_id is not None
    assert len(receipt.remote_id.split(",")) == 3


async def test_an_edit_changes_the_line_without_a_notice_and_repeating_it_harms_nothing(side: Rig) -> None:
    side.phone.starts()
    first = await side.chat.send(side.message("•", "Show"))
    edit = side.message("• •", "Show", kind=OutboundKind.EDIT, target="e1", target_remote_id=first.remote_id)
    assert (await side.chat.send(edit)).state is SENT
    assert (await side.chat.send(edit)).state is SENT
    assert side.phone.theirs() == ["• •"]
    assert side.phone.offers() == ["1 Show"]
    assert (len(side.phone.notices), side.phone.edits) == (1, 1)
    side.phone.deletes(int(first.remote_id or 0))
    gone = await side.chat.send(replace(edit, text="•"))
    assert (gone.state, gone.reason) == (DeliveryState.FAILED_FOR_GOOD, "gone")


async def _lines(side: Rig, count: int) -> list[str]:
    return [str((await side.chat.send(side.message(f"line {n}"))).remote_id) for n in range(count)]


async def test_many_lines_of_both_are_deleted_in_one_call(side: Rig) -> None:
    hers = [str(side.phone.writes(f"hers {n}")) for n in range(5)]
    ours = await _lines(side, 5)
    deletions = [
        side.message(kind=OutboundKind.DELETE, target=one, target_remote_id=one) for one in hers + ours
    ]
    receipts = await side.chat.delete_together(deletions)
    assert [receipt.state for receipt in receipts] == [SENT] * 10
    assert side.phone.screen() == []
    assert side.double.world.calls["deleteMessages"] == 1
    assert side.double.world.calls["deleteMessage"] == 0
    assert [r.state for r in await side.chat.delete_together(deletions)] == [SENT] * 10  # gone is gone


async def test_one_line_that_is_too_old_keeps_no_other_from_being_deleted(side: Rig) -> None:
    old = str(side.phone.writes("two days ago"))
    side.double.world.clock.moves(hours=49)
    new = [str(side.phone.writes("new")), str(side.phone.writes("newer"))]
    receipts = await side.chat.delete_together(
        [
            side.message(kind=OutboundKind.DELETE, target=one, target_remote_id=one)
            for one in (new[0], old, new[1])
        ]
    )
    assert [receipt.state for receipt in receipts] == [SENT, DeliveryState.FAILED_FOR_GOOD, SENT]
    assert side.phone.texts() == ["two days ago"]


async def test_who_blocked_us_is_told_as_blocked_and_costs_one_call(side: Rig) -> None:
    side.phone.starts()
    ours = await _lines(side, 3)
    side.phone.blocks()
    before = side.double.world.calls.total()
    receipt = await side.chat.send(side.message("hello?"))
    assert (receipt.state, receipt.reason) == (DeliveryState.FAILED_FOR_GOOD, "blocked")
    gone = [side.message(kind=OutboundKind.DELETE, target=one, target_remote_id=one) for one in ours]
    assert {r.reason for r in await side.chat.delete_together(gone)} == {"blocked"}
    assert side.double.world.calls.total() - before == 2


@pytest.mark.parametrize(
    ("kind", "after", "state", "reason"),
    [
        (Kind.BAD_GATEWAY, False, DeliveryState.FAILED_FOR_NOW, "network"),
        (Kind.DROPPED, False, DeliveryState.UNKNOWN, "network"),
        (Kind.PORTAL, False, DeliveryState.UNKNOWN, "network"),
        (Kind.LIST, True, DeliveryState.UNKNOWN, "network"),
        (Kind.DROPPED, True, DeliveryState.UNKNOWN, "network"),
        (Kind.TORN, True, DeliveryState.UNKNOWN, "network"),
        (Kind.SILENT, True, DeliveryState.UNKNOWN, "timeout"),
    ],
)
async def test_each_mishap_says_whether_it_may_have_reached_her(
    side: Rig, kind: Kind, *, after: bool, state: DeliveryState, reason: str
) -> None:
    side.phone.starts()
    side.chat.wire._request[1]._read_timeout = 0.2
    side.double.world.mishaps.plan(kind, "sendMessage", after=after)
    message = side.message("once")
    if kind is Kind.SILENT:
        side.chat._sending._wire = _Impatient(side)
    receipt = await side.chat.send(message)
    assert (receipt.state, receipt.reason) == (state, reason)
    assert len(side.phone.theirs()) == int(after)


class _Impatient:
    """The same wire, with a tenth of a second for each answer."""

    def __init__(self, side: Rig) -> None:
        self._wire = side.chat.wire

    async def ask(self, method: str, **parameters: object) -> object:
        return await self._wire.ask(method, 0.1, **parameters)


async def test_a_server_that_cannot_be_reached_has_nothing_and_it_may_be_sent_again(side: Rig) -> None:
    side.phone.starts()
    await side.double.stop()
    receipt = await side.chat.send(side.message("nobody home"))
    assert (receipt.state, receipt.reason) == (DeliveryState.FAILED_FOR_NOW, "network")
    await side.double.start()
    assert (await side.chat.send(side.message("home again"))).state is SENT


async def test_a_flood_of_one_chat_stops_that_chat_only_and_asks_the_network_no_more(side: Rig) -> None:
    other = side.double.phone(side.phone.bot)
    for one in (side.phone, other):
        one.starts()
    side.double.world.limits.refuse(side.phone.user.id, seconds=30)
    first = await side.chat.send(side.message("too fast"))
    assert (first.state, first.reason) == (DeliveryState.FAILED_FOR_NOW, "rate_limited")
    assert first.retry_after == timedelta(seconds=30)
    calls = side.double.world.calls["sendMessage"]
    again = await side.chat.send(side.message("again"))
    assert again.retry_after is not None
    assert timedelta(seconds=29) < again.retry_after <= timedelta(seconds=30)
    assert side.double.world.calls["sendMessage"] == calls
    to_other = replace(side.message("for bea"), address=replace(side.address, handle=str(other.user.id)))
    assert (await side.chat.send(to_other)).state is SENT


@pytest.mark.parametrize("handle", ["", "ann", "A" * 43, "12.5", "١٢٣", "-", "9" * 30, "77"])
async def test_a_handle_that_is_nobodys_is_gone(side: Rig, handle: str) -> None:
    receipt = await side.chat.send(replace(side.message("x"), address=replace(side.address, handle=handle)))
    assert (receipt.state, receipt.reason) == (DeliveryState.FAILED_FOR_GOOD, "gone")


async def test_a_refused_token_is_tried_again_later(side: Rig) -> None:
    side.phone.starts()
    side.phone.bot.revoked = True
    receipt = await side.chat.send(side.message("x"))
    assert (receipt.state, receipt.reason) == (DeliveryState.FAILED_FOR_NOW, "refused")
    assert receipt.retry_after is not None


async def test_what_waited_for_its_turn_until_her_window_closed_is_not_sent() -> None:
    async with rig(limited=True, limits=Limits.off()) as side:
        side.phone.starts()
        for _ in range(4):
            await side.chat.send(side.message("burst"))
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        receipt = await side.chat.send(side.message("late", not_after=soon))
        assert (receipt.state, receipt.reason) == (DeliveryState.FAILED_FOR_NOW, "window")
        assert side.phone.theirs() == ["burst"] * 4


async def test_within_our_limits_the_published_ones_are_never_reached() -> None:
    async with rig(limited=True, limits=Limits()) as side:
        phones = [side.double.phone(side.phone.bot) for _ in range(40)]
        for phone in phones:
            phone.starts()
        to = [
            replace(side.message(f"{n}"), address=replace(side.address, handle=str(phone.user.id)))
            for n, phone in enumerate(phones)
        ]
        receipts = await asyncio.gather(*(side.chat.send(message) for message in to))
        assert {receipt.state for receipt in receipts} == {SENT}
        assert side.double.world.limits.refused == 0


async def test_no_part_of_an_error_holds_the_token(side: Rig) -> None:
    side.phone.starts()
    await side.double.stop()
    try:
        await side.chat.wire.ask("sendMessage", chat_id=1, text="x")
    except Exception as failure:  # noqa: BLE001  whatever it is
        told = repr(failure) + str(failure) + repr(failure.__cause__) + repr(failure.__context__)
    else:
        told = side.phone.bot.token
    finally:
        await side.double.start()
    assert side.phone.bot.token.partition(":")[2] not in told
