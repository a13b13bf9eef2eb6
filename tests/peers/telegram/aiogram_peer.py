"""aiogram, a client library nobody here wrote, as a bot on the double: what it can parse and drive is honest.

    python aiogram_peer.py API_URL TOKEN

Says `ready` once it polls. `grammy_peer.mjs` does the same, word for word.
"""

import asyncio
import json
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import CommandStart
from aiogram.types import (
    BotCommand,
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MenuButtonCommands,
    Message,
)

dispatcher = Dispatcher()


def keys(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=one[:20], callback_data=one)] for one in data]
    )


@dispatcher.message(CommandStart())
async def start(message: Message) -> None:
    await message.answer(
        "ready", reply_markup=keys("one", "two"), disable_notification=True, protect_content=True
    )


@dispatcher.callback_query()
async def tapped(query: CallbackQuery) -> None:
    await query.answer()
    await query.message.edit_text(f"you chose {query.data}")


@dispatcher.edited_message()
async def edited(message: Message) -> None:
    await message.answer(f"edited: {message.text}")


@dispatcher.my_chat_member()
async def member(change: ChatMemberUpdated) -> None:
    print(f"member {change.new_chat_member.status}", flush=True)


@dispatcher.message(F.text == "delete")
async def delete(message: Message, bot: Bot) -> None:
    mine = await message.answer("soon gone")
    await bot.delete_messages(message.chat.id, [message.message_id, mine.message_id, 999_999])
    await message.answer("deleted")


@dispatcher.message(F.text == "profile")
async def profile(message: Message, bot: Bot) -> None:
    await bot.set_my_name("Notițe", language_code="ro")
    await bot.set_my_description("About", language_code="ro")
    await bot.set_my_short_description("Short", language_code="ro")
    await bot.set_my_commands([BotCommand(command="start", description="Begin")], language_code="ro")
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    told = {
        "name": (await bot.get_my_name("ro")).name,
        "other": (await bot.get_my_name("cs")).name,
        "description": (await bot.get_my_description("ro")).description,
        "short": (await bot.get_my_short_description("ro")).short_description,
        "commands": [one.command for one in await bot.get_my_commands(language_code="ro")],
        "menu": (await bot.get_chat_menu_button()).type,
        "hook": (await bot.get_webhook_info()).url,
        "chat": (await bot.get_chat(message.chat.id)).type,
        "topics": bool((await bot.get_me()).has_topics_enabled),
    }
    await message.answer(json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


@dispatcher.message(F.text == "topic")
async def topic(message: Message, bot: Bot) -> None:
    made = await bot.create_forum_topic(message.chat.id, "Chat 1")
    said = await bot.send_message(message.chat.id, "in a topic", message_thread_id=made.message_thread_id)
    await bot.delete_forum_topic(message.chat.id, made.message_thread_id)
    await message.answer(f"topic {said.is_topic_message}".lower())


@dispatcher.message(F.text == "refusals")
async def refusals(message: Message, bot: Bot) -> None:
    chat = message.chat.id
    mine = await message.answer("same")
    told = []
    for attempt in (
        bot.edit_message_text("same", chat_id=chat, message_id=mine.message_id),
        bot.edit_message_text("other", chat_id=chat, message_id=999_999),
        bot.delete_message(chat, 999_999),
        bot.send_message(chat, "x" * 4097),
        bot.send_message(chat, "data", reply_markup=keys("d" * 65)),
        bot.send_message(1, "nobody"),
        bot.send_message(chat, "where", message_thread_id=77),
        bot.answer_callback_query("77"),
    ):
        try:
            await attempt
        except TelegramAPIError as refused:
            told.append(refused.message)
    await message.answer("\n".join(told))


@dispatcher.message(F.text)
async def echo(message: Message) -> None:
    await message.answer(message.text)


@dispatcher.message()
async def something(message: Message) -> None:
    await message.answer(str(message.content_type.value))


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(sys.argv[1]))
    bot = Bot(sys.argv[2], session=session)
    await bot.delete_webhook()
    print("ready", flush=True)
    await dispatcher.start_polling(bot, polling_timeout=1, handle_signals=True)


asyncio.run(main())
