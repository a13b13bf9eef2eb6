"""Volunteers on Telegram: the second bot, with topics and with answers, and what it must never tell."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import CannotStart
from bot.services import people
from bot.services.messenger import addresses
from bot.store import staff_tables, tables as t
from channels.message import DeliveryState, InboundKind, OutboundKind
from channels.telegram.marks import Marks
from channels.telegram.staff import for_staff
from channels.telegram.translate import translate
from handoff.desks import StaffSurface, TextDecision
from tests.botapi.phone import Phone
from tests.telegram.rig import rig
from tests.telegram.service import TO_A_PERSON, Service, serving, taps, until

Serve = Callable[..., AbstractAsyncContextManager[Service]]
AT = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
TOPICS = pytest.mark.parametrize("topics", [True, False], ids=["topics", "answers"])


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    return lambda **more: serving(tmp_path, monkeypatch, **more)


def told(text: str, **more: Any) -> Any:
    message = {
        "message_id": 7, "date": 1, "chat": {"id": 5, "type": "private"}, "from": {"id": 5, "is_bot": False},
        "text": text, **more,
    }  # fmt: skip
    update = {"update_id": 1, "message": message}
    return for_staff(update, translate(update, "telegram-staff", Marks(b"k" * 32), AT)).messages[0]


@pytest.mark.parametrize(
    ("text", "kind", "read"),
    [
        ("/start", InboundKind.ARRIVED, ""),
        ("/start ABCD-EFGH", InboundKind.TEXT, "/start ABCD-EFGH"),
        ("/close", InboundKind.TEXT, "/close"),
        ("/pass@notes1_bot", InboundKind.TEXT, "/pass@notes1_bot"),
        ("I am here", InboundKind.TEXT, "I am here"),
    ],
)
def test_a_volunteers_command_keeps_its_slash(text: str, kind: InboundKind, read: str) -> None:
    act = told(text)
    assert (act.kind, act.text) == (kind, read)


def test_topic_and_answer_are_told_and_the_topics_own_first_line_is_no_answer() -> None:
    first = {"message_id": 3, "forum_topic_created": {"name": "x", "icon_color": 1}}
    act = told("yes", message_thread_id=3, is_topic_message=True, reply_to_message=first)
    assert (act.place, act.reply_to) == ("3", None)
    assert told("yes", reply_to_message={"message_id": 4}).reply_to == "4"
    assert told("yes", message_thread_id=4).place is None  # a thread of answers is no topic


async def test_a_topic_is_made_filled_and_removed_with_all_in_it() -> None:
    async with rig(name="telegram-staff", staff=True, topics=True) as side:
        side.phone.starts()
        opened = await side.chat.send(side.message("Chat 1", kind=OutboundKind.OPEN))
        assert opened.state is DeliveryState.SENT
        line = side.message("She: is anybody there", place=opened.remote_id, protect=True)
        assert (await side.chat.send(line)).state is DeliveryState.SENT
        shown = side.phone.screen()[-1]
        assert (shown.thread, shown.protected) == (int(opened.remote_id or 0), True)
        closing = side.message(kind=OutboundKind.CLOSE, place=opened.remote_id)
        assert (await side.chat.send(closing)).state is DeliveryState.SENT
        assert side.phone.chat.topics == {}
        assert "is anybody there" not in " ".join(side.phone.texts())
        assert (await side.chat.send(closing)).state is DeliveryState.SENT  # gone already


async def test_a_server_that_refuses_topics_says_so_and_a_line_into_a_lost_one_too() -> None:
    async with rig(name="telegram-staff", staff=True, topics=True) as side:
        side.phone.starts()
        side.phone.bot.topics = False  # switched off at BotFather meanwhile
        refused = await side.chat.send(side.message("Chat 1", kind=OutboundKind.OPEN))
        assert (refused.state, refused.reason) == (DeliveryState.FAILED_FOR_GOOD, "no_places")
        lost = await side.chat.send(side.message("words", place="99"))
        assert (lost.state, lost.reason) == (DeliveryState.FAILED_FOR_GOOD, "gone")


async def test_an_answer_is_asked_for_and_a_way_to_the_console_offered() -> None:
    async with rig(name="telegram-staff", staff=True) as side:
        number = side.phone.starts()
        asked = side.message("Answer a line here", asks_reply=True, reply_to=str(number))
        assert (await side.chat.send(asked)).state is DeliveryState.SENT
        shown = side.phone.screen()[-1]
        assert shown.reply_to is not None
        assert shown.reply_to.id == number
        ring = side.message("Something waits.", link=("Open", "https://console.example.org"))
        assert (await side.chat.send(ring)).state is DeliveryState.SENT
        assert side.phone.screen()[-1].keyboard == [[{"text": "Open", "url": "https://console.example.org"}]]


def decided(service: Service) -> None:
    """The organisation has decided that words may stand on its volunteers' bot."""
    library = service.house.library
    desk = replace(
        library.desks["demo"],
        staff_surface=StaffSurface.TELEGRAM,
        staff_text=TextDecision("the board", date(2026, 11, 1)),
    )
    service.house.library = replace(library, desks={**library.desks, "demo": desk})


async def linked(service: Service, alias: str = "Maple") -> Phone:
    person = await service.does(lambda c: people.find(c, service.house, alias).id)
    code = await service.does(lambda c: addresses.new_code(c, service.house, person, service.now))
    phone = service.staff_phone("Hername Volunteer")
    phone.starts(code)
    await until(lambda: any(alias in text for text in phone.theirs()), 10)
    return phone


async def recorded(service: Service) -> None:
    """Everything posted to volunteers has its receipt."""
    busy = staff_tables.staff_post.c.state.in_(["pending", "sending"])
    async with asyncio.timeout(10):
        while await service.rows(staff_tables.staff_post, busy):
            await asyncio.sleep(0.02)


async def asks_for_a_person(service: Service) -> Phone:
    ann = service.phone("Ann")
    ann.starts()
    await taps(ann, *TO_A_PERSON)
    await until(lambda: "I am asking a person" in " ".join(ann.theirs()), 10)
    return ann


@TOPICS
async def test_she_on_telegram_and_the_volunteer_on_telegram_talk_and_nothing_stays(
    serve: Serve, *, topics: bool
) -> None:
    async with serve(staff_topics=topics) as service:
        decided(service)
        maple = await linked(service)
        ann = await asks_for_a_person(service)
        await until(lambda: any(label.endswith("Accept") for label in maple.offers()), 10)
        assert maple.notices[-1].sounding
        maple.taps("Accept")
        await until(lambda: "You are now writing with Maple" in " ".join(ann.theirs()), 10)
        ann.writes("quillwort is anybody there")
        await until(lambda: any("quillwort" in text for text in maple.theirs()), 10)
        await recorded(service)  # nobody answers within the milliseconds of a receipt
        line = next(one for one in maple.screen() if "quillwort" in one.text)
        assert line.protected
        assert (line.thread is not None) == topics
        thread = line.thread if topics else None
        maple.writes("I am here.", thread=thread, to=None if topics else line)
        await until(lambda: "Maple: I am here." in ann.theirs(), 10)
        assert "Hername" not in " ".join(ann.texts())
        assert "Ann" not in " ".join(maple.texts())
        ann.writes("/hide")
        await until(lambda: not ann.screen(), 10)
        await until(lambda: "quillwort" not in " ".join(maple.texts()), 10)
        await until(lambda: maple.chat.topics == {}, 10)
        assert "I am here." not in " ".join(maple.texts())
        assert service.double.world.strange == set()


async def test_without_a_recorded_decision_the_bot_rings_and_tells_nothing(serve: Serve) -> None:
    async with serve(staff_topics=True, HOTLINE_CONSOLE_URL="https://console.example.org") as service:
        maple = await linked(service)
        await asks_for_a_person(service)
        await until(lambda: maple.notices[-1].sounding, 10)
        ring = maple.screen()[-1]
        assert ring.keyboard[0][0]["url"] == "https://console.example.org"
        assert not any(label.endswith("Accept") for label in maple.offers())
        shown = " ".join(maple.theirs()).casefold()
        assert [word for word in ("romania", "talk", "danger", "ann") if word in shown.split()] == []
        assert maple.chat.topics == {}


async def test_a_stranger_at_the_volunteers_bot_is_told_a_number_and_nothing_is_kept(serve: Serve) -> None:
    async with serve(staff_topics=False) as service:
        bea = service.staff_phone("Bea")
        bea.writes("help me please")
        await until(lambda: bool(bea.theirs()), 10)
        assert "112" in bea.theirs()[0]
        assert await service.rows(t.conversation) == []


async def test_the_two_bots_must_be_two(serve: Serve) -> None:
    number = "7000000001:" + "A" * 30 + "00000"
    with pytest.raises(CannotStart, match="make a second one with BotFather"):
        async with serve(HOTLINE_TELEGRAM_STAFF_TOKEN=number):
            pass
