"""What differs in the volunteers' bot: commands keep their slash; topics and answers are told. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from channels.message import InboundKind, InboundMessage
from channels.telegram.translate import Translation, whole_text

_TYPED = (InboundKind.TEXT, InboundKind.ARRIVED)


def for_staff(update: Mapping[str, Any], found: Translation) -> Translation:
    """The same acts, as a volunteer's: `found` is what the update means, which was readable.

    A bare `/start` opens the chat; with a code behind it, it is typed text like everything else.
    """
    message = _message(update)
    if message is None or not found.messages:
        return found
    place, reply_to = _place(message), None if "callback_query" in update else _answered(message)
    return replace(found, messages=tuple(_act(one, message, place, reply_to) for one in found.messages))


def _act(
    act: InboundMessage, message: Mapping[str, Any], place: str | None, reply_to: str | None
) -> InboundMessage:
    if act.kind in _TYPED and isinstance(message.get("text"), str):
        text = whole_text(message["text"])
        if act.kind is InboundKind.TEXT or " " in text.strip():
            act = replace(act, kind=InboundKind.TEXT, text=text)
    return replace(act, place=place, reply_to=reply_to)


def _message(update: Mapping[str, Any]) -> Mapping[str, Any] | None:
    query = update.get("callback_query")
    holder = cast("Mapping[str, Any]", query) if isinstance(query, dict) else update
    message = holder.get("message") or holder.get("edited_message")
    return cast("Mapping[str, Any]", message) if isinstance(message, dict) else None


def _place(message: Mapping[str, Any]) -> str | None:
    thread = message.get("message_thread_id")
    return str(thread) if message.get("is_topic_message") is True and isinstance(thread, int) else None


def _answered(message: Mapping[str, Any]) -> str | None:
    answered: object = message.get("reply_to_message")
    if not isinstance(answered, dict):
        return None
    known = cast("Mapping[str, Any]", answered)
    # Every message in a topic counts as an answer to the line that made the topic: nobody chose that.
    if "forum_topic_created" in known or not isinstance(known.get("message_id"), int):
        return None
    return str(known["message_id"])
