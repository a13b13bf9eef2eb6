"""Methods about the bot itself and its chats: its name in each language, commands, topics, files."""

from collections.abc import Callable
from typing import Any

import orjson

from tests.botapi import refusals as say
from tests.botapi.accounts import BotAccount
from tests.botapi.chats import Chat, Topic
from tests.botapi.parameters import Parameters
from tests.botapi.refusals import Refusal, bad
from tests.botapi.sending import units
from tests.botapi.world import World

COMMAND = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


async def get_me(world: World, bot: BotAccount, p: Parameters) -> Any:
    del world, p
    return bot.me()


def setter(field: str, name: str, most: int) -> Callable[..., Any]:
    """`setMyName` and its like: a text for a language; an empty one takes it away."""

    async def put(world: World, bot: BotAccount, p: Parameters) -> Any:
        del world
        texts: dict[str, str] = getattr(bot.profile, field)
        text, language = p.text(name), _language(p)
        if units(text) > most:
            raise bad(f"Bad Request: {name} is too long")
        texts.pop(language, None)
        if text:
            texts[language] = text
        return True

    return put


def getter(field: str, name: str) -> Callable[..., Any]:
    async def get(world: World, bot: BotAccount, p: Parameters) -> Any:
        del world
        texts: dict[str, str] = getattr(bot.profile, field)
        ground = bot.name if name == "name" else ""
        return {name: texts.get(_language(p)) or texts.get("") or ground}

    return get


async def set_my_commands(world: World, bot: BotAccount, p: Parameters) -> Any:
    del world
    commands = p.decoded("commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad("Bad Request: can't parse commands JSON object")
    for one in commands:
        name, about = str(one.get("command", "")).lstrip("/"), str(one.get("description", ""))
        if not 1 <= len(name) <= 32 or not COMMAND.issuperset(name):
            raise bad("Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= units(about) <= 256:
            raise bad("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    bot.profile.commands[_scope(p), _language(p)] = [
        {"command": str(one["command"]).lstrip("/"), "description": one["description"]} for one in commands
    ]
    return True


async def get_my_commands(world: World, bot: BotAccount, p: Parameters) -> Any:
    del world
    return bot.profile.commands.get((_scope(p), _language(p)), [])


async def delete_my_commands(world: World, bot: BotAccount, p: Parameters) -> Any:
    del world
    bot.profile.commands.pop((_scope(p), _language(p)), None)
    return True


async def set_chat_menu_button(world: World, bot: BotAccount, p: Parameters) -> Any:
    del world
    button = p.decoded("menu_button") or {"type": "default"}
    if button.get("type") not in {"default", "commands", "web_app"}:
        raise bad("Bad Request: MenuButton has unsupported type")
    bot.profile.menus[p.integer("chat_id")] = button
    return True


async def get_chat_menu_button(world: World, bot: BotAccount, p: Parameters) -> Any:
    del world
    return bot.profile.menus.get(p.integer("chat_id"), {"type": "default"})


async def get_chat(world: World, bot: BotAccount, p: Parameters) -> Any:
    chat = world.chats.get((bot.id, p.integer("chat_id")))
    if chat is None:
        raise bad(say.NO_CHAT)
    return chat.plain() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            True,
        ),
    }


async def leave_chat(world: World, bot: BotAccount, p: Parameters) -> Any:
    chat = world.chat_of(bot, p.integer("chat_id"))
    if chat.user is not None:
        raise bad("Bad Request: chat member status can't be changed in private chats")
    chat.blocked = True
    return True


async def create_forum_topic(world: World, bot: BotAccount, p: Parameters) -> Any:
    chat = _forum(world, bot, p)
    name = p.text("name")
    if not 1 <= len(name) <= 128:
        raise bad("Bad Request: topic name must be non-empty")
    topic = Topic(chat.take_id(), name)
    chat.topics[topic.id] = topic
    return {"message_thread_id": topic.id, "name": name, "icon_color": 7322096}


async def close_forum_topic(world: World, bot: BotAccount, p: Parameters) -> Any:
    topic = _topic(_forum(world, bot, p), p)
    if topic.closed:
        raise bad("Bad Request: TOPIC_NOT_MODIFIED")
    topic.closed = True
    return True


async def reopen_forum_topic(world: World, bot: BotAccount, p: Parameters) -> Any:
    topic = _topic(_forum(world, bot, p), p)
    if not topic.closed:
        raise bad("Bad Request: TOPIC_NOT_MODIFIED")
    topic.closed = False
    return True


async def delete_forum_topic(world: World, bot: BotAccount, p: Parameters) -> Any:
    chat = _forum(world, bot, p)
    topic = _topic(chat, p)
    for message in [one for one in chat.messages.values() if one.thread == topic.id]:
        chat.remove(message)
    del chat.topics[topic.id]
    return True


async def get_file(world: World, bot: BotAccount, p: Parameters) -> Any:
    del bot
    name = p.text("file_id")
    if name not in world.files:
        raise bad("Bad Request: wrong file_id or the file is temporarily unavailable")
    size = len(world.files[name])
    return {"file_id": name, "file_unique_id": f"u{name}", "file_size": size, "file_path": f"files/{name}"}


async def log_out(world: World, bot: BotAccount, p: Parameters) -> Any:
    del world, bot, p
    raise Refusal(400, "Bad Request: this double keeps its bots")


def _language(p: Parameters) -> str:
    code = p.text("language_code")
    if code and not (len(code) == 2 and code.isalpha() and code.islower()):
        raise bad("Bad Request: invalid language code specified")
    return code


def _scope(p: Parameters) -> str:
    scope = p.decoded("scope") or {"type": "default"}
    return "default" if scope == {"type": "default"} else orjson.dumps(scope).decode()


def _forum(world: World, bot: BotAccount, p: Parameters) -> Chat:
    chat = world.chat_of(bot, p.integer("chat_id"))
    if chat.user is not None and not bot.topics:
        raise bad("Bad Request: the chat is not a forum")
    if chat.user is None and not chat.forum:
        raise bad("Bad Request: the chat is not a forum")
    if chat.user is None and not chat.bot_is_admin:
        raise bad("Bad Request: not enough rights to create a topic")
    return chat


def _topic(chat: Chat, p: Parameters) -> Topic:
    topic = chat.topics.get(p.integer("message_thread_id"))
    if topic is None:
        raise bad("Bad Request: TOPIC_ID_INVALID")
    return topic
