"""Methods that put messages on screens, change them, and take them away."""

from typing import Any

from tests.botapi import refusals as say
from tests.botapi.accounts import BotAccount
from tests.botapi.chats import Chat, Message
from tests.botapi.parameters import Parameters
from tests.botapi.refusals import bad
from tests.botapi.world import QUERY_LIVES, World

MOST_UNITS = 4096
MOST_DATA = 64
MOST_BUTTONS = 100
MOST_AT_ONCE = 100
ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
        "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip
DOES = frozenset(
    {
        "callback_data", "url", "web_app", "login_url", "switch_inline_query",
        "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text", "pay",
        "callback_game",
    }
)  # fmt: skip


def units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def text_of(p: Parameters) -> str:
    """The text as it is shown. Formatting is not read here: a client that asks for it is refused."""
    if p.has("parse_mode") or p.decoded("entities"):
        raise bad("Bad Request: unsupported parse_mode")
    text = p.text("text").strip()
    if not text:
        raise bad(say.EMPTY_TEXT)
    if units(text) > MOST_UNITS:
        raise bad(say.TOO_LONG)
    return text


def keyboard_of(p: Parameters) -> list[list[dict[str, Any]]]:
    """An inline keyboard, button by button. Other keyboards are not of this double's business."""
    markup = p.decoded("reply_markup")
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise bad("Bad Request: object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('Bad Request: field "inline_keyboard" must be an Array of Arrays of InlineKeyboardButton')
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad("Bad Request: REPLY_MARKUP_TOO_LONG")
    for row in rows:
        for button in row:
            _check(button)
    return [row for row in rows if row]


def _check(button: Any) -> None:
    if not isinstance(button, dict) or not str(button.get("text") or ""):
        raise bad("Bad Request: can't parse inline keyboard button: Text must be non-empty")
    does = DOES & button.keys()
    if not does:
        raise bad(
            "Bad Request: can't parse inline keyboard button: "
            "Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= MOST_DATA:
        raise bad(say.BAD_DATA)


async def send_message(world: World, bot: BotAccount, p: Parameters) -> Any:
    chat = world.chat_of(bot, _chat_id(p))
    thread = _thread(chat, p)
    reply_to = _replied(chat, p)
    text, keyboard = text_of(p), keyboard_of(p)
    world.limits.check(chat.id, is_group=chat.user is None)
    preview = p.decoded("link_preview_options") or {}
    message = Message(
        chat.take_id(),
        world.clock.now(),
        bot,
        {"text": text},
        keyboard,
        thread,
        silent=p.yes("disable_notification"),
        protected=p.yes("protect_content"),
        preview_off=bool(preview.get("is_disabled")) or p.yes("disable_web_page_preview"),
        reply_to=reply_to,
    )
    return chat.told(chat.add(message))


async def edit_message_text(world: World, bot: BotAccount, p: Parameters) -> Any:
    chat, message = _editable(world, bot, p)
    text, keyboard = text_of(p), keyboard_of(p)
    if (text, keyboard) == (message.text, message.keyboard):
        raise bad(say.NOT_MODIFIED)
    world.limits.check(chat.id, is_group=chat.user is None)
    message.body, message.keyboard = {"text": text}, keyboard
    return _edited(world, chat, message)


async def edit_message_reply_markup(world: World, bot: BotAccount, p: Parameters) -> Any:
    chat, message = _editable(world, bot, p)
    keyboard = keyboard_of(p)
    if keyboard == message.keyboard:
        raise bad(say.NOT_MODIFIED)
    world.limits.check(chat.id, is_group=chat.user is None)
    message.keyboard = keyboard
    return _edited(world, chat, message)


async def delete_message(world: World, bot: BotAccount, p: Parameters) -> Any:
    chat = world.chat_of(bot, _chat_id(p))
    message = world.message_of(chat, p.integer("message_id"), say.NO_MESSAGE_TO_DELETE)
    if not chat.deletable(message, world.clock.now()):
        raise bad(say.CANNOT_DELETE)
    chat.remove(message)
    return True


async def delete_messages(world: World, bot: BotAccount, p: Parameters) -> Any:
    """Unknown ones are skipped; one that is too old fails them all."""
    chat = world.chat_of(bot, _chat_id(p))
    ids = p.decoded("message_ids")
    if not isinstance(ids, list) or not ids:
        raise bad("Bad Request: message identifiers are not specified")
    if len(ids) > MOST_AT_ONCE:
        raise bad("Bad Request: too many message identifiers specified")
    found = [chat.messages[one] for one in map(int, ids) if one in chat.messages]
    if not all(chat.deletable(message, world.clock.now()) for message in found):
        raise bad(say.CANNOT_DELETE)
    for message in found:
        chat.remove(message)
    return True


async def answer_callback_query(world: World, bot: BotAccount, p: Parameters) -> Any:
    del bot
    query = world.queries.get(p.text("callback_query_id"))
    if query is None or world.clock.now() - query.at > QUERY_LIVES:
        raise bad(say.QUERY_TOO_OLD)
    query.answered = p.text("text")
    return True


async def send_chat_action(world: World, bot: BotAccount, p: Parameters) -> Any:
    world.chat_of(bot, _chat_id(p))
    if p.text("action") not in ACTIONS:
        raise bad("Bad Request: wrong parameter action in request")
    return True


def _chat_id(p: Parameters) -> int:
    if not p.has("chat_id"):
        raise bad("Bad Request: chat_id is empty")
    try:
        return int(p.given["chat_id"])
    except (TypeError, ValueError):
        raise bad(say.NO_CHAT) from None


def _thread(chat: Chat, p: Parameters) -> int | None:
    thread = p.integer("message_thread_id")
    if not thread:
        return None
    topic = chat.topics.get(thread)
    if topic is None:
        raise bad(say.NO_THREAD)
    if topic.closed:
        raise bad("Bad Request: TOPIC_CLOSED")
    return thread


def _replied(chat: Chat, p: Parameters) -> Message | None:
    asked = p.decoded("reply_parameters")
    if not asked:
        return None
    found = chat.messages.get(int(asked.get("message_id", 0)))
    if found is None and not asked.get("allow_sending_without_reply"):
        raise bad(say.NO_MESSAGE_TO_REPLY)
    return found


def _editable(world: World, bot: BotAccount, p: Parameters) -> tuple[Chat, Message]:
    chat = world.chat_of(bot, _chat_id(p))
    message = world.message_of(chat, p.integer("message_id"), say.NO_MESSAGE_TO_EDIT)
    if message.sender is not bot:
        raise bad(say.CANNOT_EDIT)
    return chat, message


def _edited(world: World, chat: Chat, message: Message) -> Any:
    message.edited = world.clock.now()
    chat.changed(message)
    return chat.told(message)
