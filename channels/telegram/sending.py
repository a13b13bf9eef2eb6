"""One outbound message becomes calls of the Bot API, and a receipt. Nothing is retried here."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from telegram.error import TelegramError

from channels.message import (
    Capabilities,
    DeliveryState,
    OutboundKind,
    OutboundMessage,
    Receipt,
    Speaker,
)
from channels.rendering import Button, render
from channels.telegram.capabilities import MOST_DELETED
from channels.telegram.failures import (
    Flooded,
    is_gone_already,
    is_no_longer_there,
    is_unchanged,
    receipt_of,
)
from channels.telegram.limiter import Later, Limiter, Priority, Turn
from channels.telegram.marks import Marks
from channels.telegram.topics import close_topic, open_topic
from channels.telegram.wire import Wire

SENT = Receipt(DeliveryState.SENT)
GONE = Receipt(DeliveryState.FAILED_FOR_GOOD, "gone")
NO_PLACES = Receipt(DeliveryState.FAILED_FOR_GOOD, "no_places")
LATE = Receipt(DeliveryState.FAILED_FOR_NOW, "window", retry_after=timedelta(0))
NO_PREVIEW = {"is_disabled": True}
MOST_BEGUN = 1_000  # long texts of which a part is still to be sent
SEPARATOR = ","  # between the ids of a text that was sent in parts


class Sending:
    """Puts messages on the wire.

    Args:
        wire: the bot.
        limiter: decides when.
        marks: marks what a button brings back.
        capabilities: the channel's measures.
        clock: the moment now, aware: a window may close while a message waits for its turn.
        priority: of new messages and edits; a volunteers' bot comes after hers.
    """

    def __init__(
        self,
        wire: Wire,
        limiter: Limiter,
        marks: Marks,
        capabilities: Capabilities,
        clock: Callable[[], datetime],
        priority: Priority = Priority.HERS,
    ) -> None:
        self._wire = wire
        self._limiter = limiter
        self._marks = marks
        self._capabilities = capabilities
        self._clock = clock
        self._priority = priority
        self._begun: dict[str, list[str]] = {}  # entry → ids of the parts that stand on her screen

    async def send(self, message: OutboundMessage) -> Receipt:
        """Send, edit or delete; a failure is a receipt."""
        chat = chat_number(message.address.handle)
        if chat is None:
            return GONE
        async with self._limiter.turn(chat) as turn:
            try:
                return await self._carry_out(turn, chat, message)
            except Later as later:
                return _later(later)
            except TelegramError as failure:
                return self._failed(turn, failure)

    async def _carry_out(self, turn: Turn, chat: int, message: OutboundMessage) -> Receipt:
        match message.kind:
            case OutboundKind.NEW:
                return await self._new(turn, chat, message)
            case OutboundKind.EDIT:
                return await self._edit(turn, chat, message)
            case OutboundKind.DELETE:
                return await self._delete(turn, chat, message)
            case OutboundKind.OPEN if self._capabilities.places:
                return await open_topic(self._wire, turn, chat, message)
            case OutboundKind.CLOSE if self._capabilities.places:
                return await close_topic(self._wire, turn, chat, message)
            case OutboundKind.LEAVE | OutboundKind.OPEN | OutboundKind.CLOSE:
                return NO_PLACES

    async def delete_together(self, messages: Sequence[OutboundMessage]) -> list[Receipt]:
        """Delete several lines of one chat with as few calls as can be; a receipt each, in order."""
        chat = chat_number(messages[0].address.handle) if messages else None
        ids = [number for message in messages for number in numbers_of(message.target_remote_id)]
        if chat is None or len(messages) == 1 or len(ids) > MOST_DELETED or not ids:
            return [await self.send(message) for message in messages]
        async with self._limiter.turn(chat) as turn:
            try:
                await self._remove(turn, chat, ids)
            except Later as later:
                return [_later(later)] * len(messages)
            except TelegramError as failure:
                receipt = self._failed(turn, failure)
                if receipt.state is not DeliveryState.FAILED_FOR_GOOD or receipt.reason == "blocked":
                    return [receipt] * len(messages)
            else:
                return [SENT] * len(messages)
        # One that is too old fails them all: each alone then.
        return [await self.send(message) for message in messages]

    async def _new(self, turn: Turn, chat: int, message: OutboundMessage) -> Receipt:
        shown = render(spoken(message), message.choices, self._capabilities)
        parts = [part for part in shown.parts if part.strip()]  # the network refuses what shows nothing
        ids = self._begun.pop(message.entry_id, [])
        try:
            for part in parts[len(ids) :]:
                await turn.message(self._priority)
                if self._is_late(message):
                    return self._partly(message, ids, LATE)
                keyboard = self._below(chat, message, shown.buttons) if len(ids) + 1 == len(parts) else None
                ids.append(await self._post(chat, message, part, keyboard))
        except Later as later:
            return self._partly(message, ids, _later(later))
        except TelegramError as failure:
            return self._partly(message, ids, self._failed(turn, failure))
        return Receipt(DeliveryState.SENT, remote_id=SEPARATOR.join(ids))

    async def _post(
        self, chat: int, message: OutboundMessage, text: str, keyboard: dict[str, Any] | None
    ) -> str:
        told = await self._wire.ask(
            "sendMessage",
            chat_id=chat,
            text=text,
            disable_notification=message.silent,
            protect_content=message.protect,
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard,
            **_target(message),
        )
        return str(told["message_id"])

    def _partly(self, message: OutboundMessage, ids: list[str], receipt: Receipt) -> Receipt:
        """What stands on her screen of a long text is known, to be deleted and not to be sent again."""
        if not ids:
            return receipt
        if len(self._begun) >= MOST_BEGUN:
            del self._begun[next(iter(self._begun))]
        self._begun[message.entry_id] = ids
        return replace(receipt, remote_id=SEPARATOR.join(ids))

    async def _edit(self, turn: Turn, chat: int, message: OutboundMessage) -> Receipt:
        numbers = numbers_of(message.target_remote_id)
        if not numbers:
            return GONE
        shown = render(spoken(message), message.choices, self._capabilities)
        await turn.message(self._priority)
        if self._is_late(message):
            return LATE
        try:
            await self._wire.ask(
                "editMessageText",
                chat_id=chat,
                message_id=numbers[-1],
                text=shown.parts[-1],
                link_preview_options=NO_PREVIEW,
                reply_markup=self._keyboard(chat, shown.buttons),
            )
        except TelegramError as failure:
            if is_no_longer_there(failure):
                return GONE
            if not is_unchanged(failure):
                raise
        return SENT

    async def _delete(self, turn: Turn, chat: int, message: OutboundMessage) -> Receipt:
        numbers = numbers_of(message.target_remote_id)
        if not numbers:
            return GONE
        await self._remove(turn, chat, numbers)
        return SENT

    async def _remove(self, turn: Turn, chat: int, numbers: list[int]) -> None:
        await turn.deletion()
        if len(numbers) > 1:
            await self._wire.ask("deleteMessages", chat_id=chat, message_ids=numbers)
            return
        try:
            await self._wire.ask("deleteMessage", chat_id=chat, message_id=numbers[0])
        except TelegramError as failure:
            if not is_gone_already(failure):
                raise

    def _below(
        self, chat: int, message: OutboundMessage, buttons: tuple[Button, ...]
    ) -> dict[str, Any] | None:
        """What stands under the last part: buttons, a way to the console, or an answer that is asked for."""
        keyboard = self._keyboard(chat, buttons)
        if message.link is not None and message.link[1].startswith("https://"):
            rows: list[Any] = keyboard["inline_keyboard"] if keyboard else []
            return {"inline_keyboard": [*rows, [{"text": message.link[0], "url": message.link[1]}]]}
        if keyboard is None and message.asks_reply:
            return {"force_reply": True}
        return keyboard

    def _keyboard(self, chat: int, buttons: tuple[Button, ...]) -> dict[str, Any] | None:
        """A button a row, each with the digit that can be typed instead; hide and more share the last one."""
        if not buttons:
            return None
        keys = [
            {"text": f"{one.digit} {one.label}", "callback_data": self._marks.put(chat, one.token)}
            for one in buttons
        ]
        if [one.digit for one in buttons[-2:]] == ["9", "0"]:
            return {"inline_keyboard": [*([key] for key in keys[:-2]), keys[-2:]]}
        return {"inline_keyboard": [[key] for key in keys]}

    def _failed(self, turn: Turn, failure: TelegramError) -> Receipt:
        if isinstance(failure, Flooded):
            turn.rest(failure.seconds)
        return receipt_of(failure)

    def _is_late(self, message: OutboundMessage) -> bool:
        """Her window closed while the message waited for its turn (PR4)."""
        return message.not_after is not None and message.not_after <= self._clock()


def _target(message: OutboundMessage) -> dict[str, Any]:
    """The topic it goes into, and what it answers; an answer to what is gone is sent all the same."""
    target: dict[str, Any] = {}
    if message.place is not None and message.place.isdecimal():
        target["message_thread_id"] = int(message.place)
    if answered := numbers_of(message.reply_to):
        target["reply_parameters"] = {"message_id": answered[-1], "allow_sending_without_reply": True}
    return target


def spoken(message: OutboundMessage) -> str:
    """The text; a person's with her alias before it, because everything here comes from one bot (B-007)."""
    if message.speaker is Speaker.PERSON and message.speaker_name:
        return f"{message.speaker_name}: {message.text}"
    return message.text


def chat_number(handle: str) -> int | None:
    """The chat behind a handle; None for a handle that is not of this channel."""
    number = handle.removeprefix("-")
    return int(handle) if number.isdecimal() and number.isascii() and len(number) <= 19 else None


def numbers_of(remote_id: str | None) -> list[int]:
    """The network's ids of one of our messages, or of hers."""
    parts = (remote_id or "").split(SEPARATOR)
    return [int(part) for part in parts if part.isdecimal() and part.isascii()]


def _later(later: Later) -> Receipt:
    wait = timedelta(seconds=later.seconds)
    return Receipt(DeliveryState.FAILED_FOR_NOW, "rate_limited", retry_after=wait)
