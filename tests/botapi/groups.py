"""Groups: somebody adds the bot, people write there."""

from typing import Any

from tests.botapi.accounts import BotAccount, User
from tests.botapi.chats import Chat, Message
from tests.botapi.world import World


def adds(world: World, bot: BotAccount, user: User, title: str = "A group", *, forum: bool = False) -> Chat:
    """Somebody puts the bot into a new group."""
    chat = world.group(bot, title, forum=forum)
    chat.members[user.id] = user
    world.tell(
        bot,
        "my_chat_member",
        {
            "chat": chat.plain(),
            "from": user.plain(),
            "date": int(world.clock.now()),
            "old_chat_member": {"user": bot.plain(), "status": "left"},
            "new_chat_member": {"user": bot.plain(), "status": "member"},
        },
    )
    return chat


def writes(world: World, chat: Chat, user: User, text: str, **more: Any) -> Message:
    """Somebody writes in a group; the bot is told commands, replies to it, and all where it may read all."""
    message = chat.add(Message(chat.take_id(), world.clock.now(), user, {"text": text, **more}))
    if chat.bot.reads_groups or chat.bot_is_admin or text.startswith("/"):
        world.tell(chat.bot, "message", chat.told(message))
    return message
