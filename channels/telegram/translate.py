"""One raw update becomes acts of hers and errands of ours. Pure, and the only place that sees an update.

Names, usernames, photos, phone numbers, places and file ids are dropped here: nothing but the chat's number,
her words and the network's message ids goes on. Raises `Untranslatable` for what does not have the documented
form; whoever calls counts it and goes on (poison never blocks a batch).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, cast

from channels.message import Address, InboundKind, InboundMessage, Left
from channels.telegram.capabilities import MOST_TEXT
from channels.telegram.marks import Marks

WANTED: Final = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates we ask for; nothing else has a use here."""

UPDATE_KINDS: Final = frozenset(
    {
        *WANTED, "channel_post", "edited_channel_post", "business_connection", "business_message",
        "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
        "inline_query", "chosen_inline_result", "shipping_query", "pre_checkout_query",
        "purchased_paid_media", "poll", "poll_answer", "chat_member", "chat_join_request", "chat_boost",
        "removed_chat_boost",
    }
)  # fmt: skip
"""Kinds that exist: those we did not ask for are let go without a word."""

# Facts about a chat that Telegram tells as messages: nobody wrote them.
_SERVICE: Final = frozenset(
    {
        "new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title",
        "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
        "channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id",
        "migrate_from_chat_id", "pinned_message", "successful_payment", "refunded_payment",
        "connected_website", "write_access_allowed", "proximity_alert_triggered", "boost_added",
        "chat_background_set", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
        "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
        "giveaway_created", "giveaway_completed", "paid_message_price_changed",
        "direct_message_price_changed", "suggested_post_approved", "suggested_post_approval_failed",
        "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded", "video_chat_scheduled",
        "video_chat_started", "video_chat_ended", "video_chat_participants_invited", "gift", "unique_gift",
    }
)  # fmt: skip
_START: Final = "/start"
_AS_TYPED: Final = frozenset({"/official"})  # only as a command does it mean more than its word
_MOST: Final = 2**63 - 1  # no number of the network is larger, and none could be sent back to it
_LATEST: Final = 32_503_680_000  # seconds since 1970: the year 3000


class Untranslatable(Exception):
    """An update without the documented form."""


class ErrandKind(StrEnum):
    """What is to be done once the batch is stored; none of it is a promise."""

    ANSWER = "answer"  # stop a button from turning: `what` is the query's id
    LEAVE = "leave"  # leave a group: `what` is the chat's number


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to be done at the network after the commit."""

    kind: ErrandKind
    what: str | int


@dataclass(frozen=True, slots=True)
class Translation:
    """What one update means here."""

    messages: tuple[InboundMessage, ...] = ()
    left: tuple[Left, ...] = ()
    errands: tuple[Errand, ...] = ()


NOTHING: Final = Translation()
Read = Callable[[Any, datetime], Translation]
"""What an update means; the moment stands in for the time of a tap. Raises `Untranslatable`."""


def translate(update: Any, channel: str, marks: Marks, tapped_at: datetime) -> Translation:
    """The acts and errands of one raw update. Raises `Untranslatable`.

    `tapped_at` stands in for the time of a tap, which Telegram does not tell; not later than it was made.
    """
    try:
        return _translate(_object(update), channel, marks, tapped_at)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        # The class of the fault says enough; its words would quote the update.
        raise Untranslatable(type(fault).__name__) from None


def _translate(update: Mapping[str, Any], channel: str, marks: Marks, tapped_at: datetime) -> Translation:
    number = _number(update["update_id"])
    if "message" in update:
        return _message(_object(update["message"]), channel)
    if "callback_query" in update:
        return _tap(_object(update["callback_query"]), channel, marks, tapped_at)
    if "edited_message" in update:
        return _edit(_object(update["edited_message"]), channel, number)
    if "my_chat_member" in update:
        return _membership(_object(update["my_chat_member"]), channel, number)
    if UPDATE_KINDS.isdisjoint(update):
        raise Untranslatable("kind")
    return NOTHING


def _message(message: Mapping[str, Any], channel: str) -> Translation:
    chat, elsewhere = _place(message)
    if elsewhere is not None:
        return elsewhere
    author = _object(message["from"])
    if author.get("is_bot"):
        return NOTHING
    number = _number(message["message_id"])
    address, name = Address(channel, str(chat)), f"m{chat}.{number}"
    language, at = _language(author), _moment(message.get("date"))
    if "text" in message:
        kind, text = _typed(message["text"])
        act = InboundMessage(name, address, kind, text, remote_id=str(number), language=language, sent_at=at)
        return Translation((act,))
    if not _SERVICE.isdisjoint(message):
        return NOTHING
    # Whatever else it is, and whatever it shows: it is not looked at, and is taken out of the chat at once.
    sent = InboundMessage(
        name, address, InboundKind.MEDIA, remote_id=str(number), language=language, sent_at=at
    )
    if not message.get("caption"):
        return Translation((sent,))
    words = InboundMessage(
        f"{name}.c", address, InboundKind.TEXT, whole_text(message["caption"]), language=language, sent_at=at
    )
    return Translation((sent, words))


def _edit(message: Mapping[str, Any], channel: str, update: int) -> Translation:
    chat, elsewhere = _place(message)
    if elsewhere is not None:
        return elsewhere
    author = _object(message["from"])
    if author.get("is_bot"):
        return NOTHING
    number = _number(message["message_id"])
    name = f"m{chat}.{number}"
    if "text" in message:
        of, text = name, whole_text(message["text"])
    elif message.get("caption"):
        of, text = f"{name}.c", whole_text(message["caption"])
    else:
        return NOTHING  # a picture exchanged, a place that moves: never looked at
    act = InboundMessage(
        f"e{chat}.{number}.{update}", Address(channel, str(chat)), InboundKind.EDIT, text, refers_to=of,
        language=_language(author), sent_at=_moment(message.get("edit_date")),
    )  # fmt: skip
    return Translation((act,))


def _tap(query: Mapping[str, Any], channel: str, marks: Marks, tapped_at: datetime) -> Translation:
    name = query["id"]
    if not isinstance(name, str):
        raise Untranslatable("id")
    answer = (Errand(ErrandKind.ANSWER, name),)
    author = _object(query["from"])
    message, data = query.get("message"), query.get("data")
    if author.get("is_bot") or not isinstance(data, str) or message is None:
        return Translation(errands=answer)
    chat, elsewhere = _place(_object(message))
    if elsewhere is not None:
        return Translation(errands=(*answer, *elsewhere.errands))
    token = marks.take(chat, data)
    # In a private chat the person and the chat have the same number.
    if token is None or _number(author["id"]) != chat:
        return Translation(errands=answer)
    act = InboundMessage(
        f"c{name}", Address(channel, str(chat)), InboundKind.CHOICE, choice=token,
        language=_language(author), sent_at=tapped_at,
    )  # fmt: skip
    return Translation((act,), errands=answer)


def _membership(change: Mapping[str, Any], channel: str, update: int) -> Translation:
    chat, elsewhere = _place(change)
    status = _object(change["new_chat_member"])["status"]
    if elsewhere is not None:
        return elsewhere if status in {"member", "administrator", "restricted"} else NOTHING
    if status == "kicked":  # she blocked the bot: nothing more can reach her
        return Translation(left=(Left(Address(channel, str(chat)), f"b{chat}.{update}"),))
    return NOTHING


def _place(message: Mapping[str, Any]) -> tuple[int, Translation | None]:
    """The chat's number; for anything but a private chat also what is done about it: it is left silently."""
    chat = _object(message["chat"])
    number = _number(chat["id"])
    if chat["type"] == "private":
        return number, None
    return number, Translation(errands=(Errand(ErrandKind.LEAVE, number),))


def _typed(value: Any) -> tuple[InboundKind, str]:
    """Her words. A command is the word behind its slash; `/start` opens the chat afresh."""
    text = whole_text(value)
    if not text.startswith("/"):
        return InboundKind.TEXT, text
    command, _, rest = text.partition(" ")
    bare = command.partition("@")[0]
    if bare == _START:
        return InboundKind.ARRIVED, ""  # what a link carried along is dropped
    if bare in _AS_TYPED and not rest.strip():
        return InboundKind.TEXT, bare
    if rest.strip() or not bare[1:].replace("_", "").isalnum():
        return InboundKind.TEXT, text
    return InboundKind.TEXT, bare[1:].replace("_", " ")


def whole_text(value: Any) -> str:
    """Text as it was typed. Raises `Untranslatable` for what is none, or too long to be one."""
    if not isinstance(value, str):
        raise Untranslatable("text")
    # Half a character can stand in JSON and nowhere else.
    text = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(text) > MOST_TEXT:
        raise Untranslatable("length")
    return text


def _language(author: Mapping[str, Any]) -> str | None:
    tag = author.get("language_code")
    return tag if isinstance(tag, str) and 0 < len(tag) <= 35 and tag.isascii() else None


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    seconds = _number(value)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else None


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -_MOST <= value <= _MOST:
        raise Untranslatable("number")
    return value


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Untranslatable("form")
    return cast("Mapping[str, Any]", value)
