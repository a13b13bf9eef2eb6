"""A topic of its own for a chat on a volunteer's screen: made, and removed with everything in it."""

from telegram.error import BadRequest, TelegramError

from channels.message import DeliveryState, OutboundMessage, Receipt
from channels.telegram.limiter import Priority, Turn
from channels.telegram.wire import Wire

LONGEST_NAME = 128  # characters of a topic's name, as the Bot API documents
SENT = Receipt(DeliveryState.SENT)
NO_PLACE = Receipt(DeliveryState.FAILED_FOR_GOOD, "no_places")
_GONE = ("topic_id_invalid", "message thread not found", "topic_deleted")


async def open_topic(wire: Wire, turn: Turn, chat: int, message: OutboundMessage) -> Receipt:
    """Make a topic named by the message's text; the receipt's remote id names it. Raises TelegramError."""
    await turn.message(Priority.VOLUNTEERS)
    try:
        made = await wire.ask("createForumTopic", chat_id=chat, name=message.text[:LONGEST_NAME])
    except BadRequest:
        return NO_PLACE  # the bot has no topics after all, or no more of them
    return Receipt(DeliveryState.SENT, remote_id=str(made["message_thread_id"]))


async def close_topic(wire: Wire, turn: Turn, chat: int, message: OutboundMessage) -> Receipt:
    """Remove a topic; one that is gone already is removed. Raises TelegramError."""
    if message.place is None or not message.place.isdecimal():
        return NO_PLACE
    await turn.deletion()
    try:
        await wire.ask("deleteForumTopic", chat_id=chat, message_thread_id=int(message.place))
    except BadRequest as failure:
        if not any(word in failure.message.casefold() for word in _GONE):
            raise
    return SENT


async def has_topics(wire: Wire) -> bool:
    """Whether the bot may make topics in private chats; False too where the network cannot be asked."""
    try:
        me = await wire.ask("getMe", 5.0)
    except TelegramError:
        return False
    return me.get("has_topics_enabled") is True
