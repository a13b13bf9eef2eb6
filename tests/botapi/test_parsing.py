"""python-telegram-bot, with its own transport, parses every answer of the double and drives each method."""

from collections.abc import AsyncIterator

import pytest
import telegram
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, MenuButtonCommands, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from tests.botapi import groups, refusals
from tests.botapi.limits import Limits
from tests.botapi.mishaps import Kind
from tests.botapi.phone import MEDIA, Phone
from tests.botapi.server import Double

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="a.yes")]])


@pytest.fixture
async def bot(double: Double, phone: Phone) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(
        phone.bot.token, base_url=f"{double.url}/bot", base_file_url=f"{double.url}/file/bot"
    ) as bot:
        yield bot


async def test_it_knows_itself_and_parses_whatever_she_does(bot: telegram.Bot, phone: Phone) -> None:
    assert bot.bot.username == phone.bot.username
    assert bot.bot.can_join_groups
    phone.starts("from_the_page")
    hers = phone.writes("hello")
    phone.edits_hers(hers, "hello again")
    await bot.send_message(phone.user.id, "Safe?", reply_markup=KEYS)
    phone.taps("Yes")
    phone.taps_data("of no message")
    for kind in MEDIA:
        phone.sends(kind)
    phone.blocks()
    group = groups.adds(phone.world, phone.bot, phone.user)
    groups.writes(phone.world, group, phone.user, "/start", entities=[])
    updates = await bot.get_updates(timeout=0)
    kinds = [update.effective_message and update.effective_message.effective_attachment for update in updates]
    assert len(updates) == len(MEDIA) + 8
    assert sum(attachment is not None for attachment in kinds) == len(MEDIA)
    assert [u.callback_query.data for u in updates if u.callback_query] == ["a.yes", "of no message"]
    assert [u.my_chat_member.new_chat_member.status for u in updates if u.my_chat_member] == [
        "kicked",
        "member",
    ]
    assert {u.effective_chat.type for u in updates if u.effective_chat} == {"private", "supergroup"}


async def test_it_parses_every_answer_to_a_message(bot: telegram.Bot, phone: Phone, double: Double) -> None:
    phone.starts()
    chat = phone.user.id
    sent = await bot.send_message(
        chat, "Safe?", reply_markup=KEYS, disable_notification=True, protect_content=True
    )
    assert (sent.text, sent.has_protected_content, sent.reply_markup) == ("Safe?", True, KEYS)
    changed = await bot.edit_message_text("Sure?", chat, sent.message_id)
    assert isinstance(changed, telegram.Message)
    assert changed.reply_markup is None
    assert changed.edit_date is not None
    assert isinstance(
        await bot.edit_message_reply_markup(chat, sent.message_id, reply_markup=KEYS), telegram.Message
    )
    answered = await bot.send_message(chat, "yes", reply_to_message_id=sent.message_id)
    assert answered.reply_to_message
    assert await bot.delete_message(chat, answered.message_id)
    assert await bot.delete_messages(chat, [sent.message_id, 999_999])
    assert await bot.send_chat_action(chat, "typing")
    assert (await bot.get_chat(chat)).first_name == "Ann"
    assert phone.texts() == ["/start"]
    assert double.world.strange == set()


async def test_it_parses_every_answer_about_the_bot(bot: telegram.Bot, double: Double) -> None:
    assert await bot.set_my_name("Notițe", language_code="ro")
    assert (await bot.get_my_name("ro")).name == "Notițe"
    assert await bot.set_my_description("About", language_code="ro")
    assert (await bot.get_my_description("ro")).description == "About"
    assert (await bot.get_my_description()).description == ""
    assert await bot.set_my_short_description("Short")
    assert (await bot.get_my_short_description("ro")).short_description == "Short"
    assert await bot.set_my_commands([BotCommand("hide", "Hide")], language_code="ro")
    assert [one.command for one in await bot.get_my_commands(language_code="ro")] == ["hide"]
    assert await bot.delete_my_commands(language_code="ro")
    assert await bot.get_my_commands(language_code="ro") == ()
    assert await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert isinstance(await bot.get_chat_menu_button(), MenuButtonCommands)
    double.world.files["f1"] = b"a picture"
    file = await bot.get_file("f1")
    assert file.file_size == 9
    assert bytes(await file.download_as_bytearray()) == b"a picture"
    assert double.world.strange == set()


async def test_it_parses_topics_and_groups(bot: telegram.Bot, phone: Phone, double: Double) -> None:
    group = groups.adds(double.world, phone.bot, phone.user, forum=True)
    group.bot_is_admin = True
    topic = await bot.create_forum_topic(group.id, "Chat 1")
    said = await bot.send_message(group.id, "inside", message_thread_id=topic.message_thread_id)
    assert said.is_topic_message
    assert await bot.close_forum_topic(group.id, topic.message_thread_id)
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(group.id, "late", message_thread_id=topic.message_thread_id)
    assert await bot.reopen_forum_topic(group.id, topic.message_thread_id)
    assert await bot.delete_forum_topic(group.id, topic.message_thread_id)
    assert group.messages == {}
    with pytest.raises(BadRequest, match="thread not found"):
        await bot.send_message(group.id, "gone", message_thread_id=topic.message_thread_id)
    assert await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match="kicked"):
        await bot.send_message(group.id, "back?")


@pytest.mark.filterwarnings("ignore:.*retry_after.*")  # the library says so of its own attribute
async def test_every_refusal_becomes_its_own_error(bot: telegram.Bot, phone: Phone, double: Double) -> None:
    chat = phone.user.id
    with pytest.raises(Forbidden, match="initiate"):
        await bot.send_message(chat, "first!")
    phone.starts()
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(1, "nobody")
    phone.blocks()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(chat, "hello?")
    phone.unblocks()
    phone.user.deactivated = True
    with pytest.raises(Forbidden, match="deactivated"):
        await bot.send_message(chat, "hello?")
    phone.user.deactivated = False
    double.world.limits.refuse(chat, seconds=7)
    with pytest.raises(RetryAfter) as told:
        await bot.send_message(chat, "too fast")
    assert int(told.value._retry_after.total_seconds()) == 7
    double.world.mishaps.plan(Kind.BAD_GATEWAY, "sendMessage")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(chat, "at the front")
    double.world.mishaps.plan(Kind.DROPPED, "sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(chat, "on the way")
    double.world.mishaps.plan(Kind.SILENT, "sendMessage", after=True)
    double.world.limits = Limits.off()
    with pytest.raises(TimedOut):
        await bot.send_message(chat, "it came", read_timeout=0.1)
    assert phone.theirs() == ["it came"]


async def test_tokens_pollers_and_webhooks_are_refused_as_documented(double: Double, phone: Phone) -> None:
    for token, words in (("7:nobody", "Unauthorized"), ("nonsense", "Not Found")):
        bot = telegram.Bot(token, base_url=f"{double.url}/bot", base_file_url=f"{double.url}/file/bot")
        await bot._request[1].initialize()
        with pytest.raises(InvalidToken, match=words):
            await bot.get_me()
        await bot._request[1].shutdown()
    async with telegram.Bot(
        phone.bot.token, base_url=f"{double.url}/bot", base_file_url=f"{double.url}/file/bot"
    ) as bot:
        assert await bot.set_webhook(f"{double.url}/elsewhere", secret_token="s3cret")
        assert (await bot.get_webhook_info()).url.endswith("/elsewhere")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates(timeout=0)
        with pytest.raises(BadRequest, match=r"(?i)https"):
            await bot.set_webhook("http://example.org/hook")
        with pytest.raises(BadRequest, match="unallowed characters"):
            await bot.set_webhook("https://example.org/hook", secret_token="with space")
        assert await bot.delete_webhook()
    assert double.world.refused[refusals.CONFLICT_WEBHOOK] == 1


def test_an_update_of_a_kind_nobody_knows_is_no_error_for_the_library(phone: Phone) -> None:
    number = phone.world.updates[phone.bot.id].add_raw({"brand_new": {"a": 1}})
    plain = phone.world.updates[phone.bot.id].take(1)[0]
    update = Update.de_json(plain, None)
    assert update.update_id == number
    assert update.effective_message is None
