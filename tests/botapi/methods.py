"""Every method of the double with the parameters it has: what is asked beyond these is noted as strange."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.botapi import receiving, sending, shopfront
from tests.botapi.accounts import BotAccount
from tests.botapi.parameters import Parameters
from tests.botapi.world import World

Handler = Callable[[World, BotAccount, Parameters], Awaitable[Any]]

_SEND = (
    "business_connection_id chat_id message_thread_id direct_messages_topic_id text parse_mode entities "
    "link_preview_options disable_notification protect_content allow_paid_broadcast message_effect_id "
    "suggested_post_parameters reply_parameters reply_markup"
)
_EDIT = "business_connection_id chat_id message_id inline_message_id reply_markup"
_TOPIC = "chat_id message_thread_id"

_TABLE: tuple[tuple[str, Handler, str], ...] = (
    ("getMe", shopfront.get_me, ""),
    ("getUpdates", receiving.get_updates, "offset limit timeout allowed_updates"),
    (
        "setWebhook",
        receiving.set_webhook,
        "url certificate ip_address max_connections allowed_updates drop_pending_updates secret_token",
    ),
    ("deleteWebhook", receiving.delete_webhook, "drop_pending_updates"),
    ("getWebhookInfo", receiving.get_webhook_info, ""),
    ("sendMessage", sending.send_message, _SEND),
    (
        "editMessageText",
        sending.edit_message_text,
        f"{_EDIT} text parse_mode entities link_preview_options",
    ),
    ("editMessageReplyMarkup", sending.edit_message_reply_markup, _EDIT),
    ("deleteMessage", sending.delete_message, "chat_id message_id"),
    ("deleteMessages", sending.delete_messages, "chat_id message_ids"),
    (
        "answerCallbackQuery",
        sending.answer_callback_query,
        "callback_query_id text show_alert url cache_time",
    ),
    (
        "sendChatAction",
        sending.send_chat_action,
        "business_connection_id chat_id message_thread_id action",
    ),
    ("setMyName", shopfront.setter("names", "name", 64), "name language_code"),
    ("getMyName", shopfront.getter("names", "name"), "language_code"),
    (
        "setMyDescription",
        shopfront.setter("descriptions", "description", 512),
        "description language_code",
    ),
    ("getMyDescription", shopfront.getter("descriptions", "description"), "language_code"),
    (
        "setMyShortDescription",
        shopfront.setter("short_descriptions", "short_description", 120),
        "short_description language_code",
    ),
    (
        "getMyShortDescription",
        shopfront.getter("short_descriptions", "short_description"),
        "language_code",
    ),
    ("setMyCommands", shopfront.set_my_commands, "commands scope language_code"),
    ("getMyCommands", shopfront.get_my_commands, "scope language_code"),
    ("deleteMyCommands", shopfront.delete_my_commands, "scope language_code"),
    ("setChatMenuButton", shopfront.set_chat_menu_button, "chat_id menu_button"),
    ("getChatMenuButton", shopfront.get_chat_menu_button, "chat_id"),
    ("getChat", shopfront.get_chat, "chat_id"),
    ("leaveChat", shopfront.leave_chat, "chat_id"),
    (
        "createForumTopic",
        shopfront.create_forum_topic,
        "chat_id name icon_color icon_custom_emoji_id",
    ),
    ("closeForumTopic", shopfront.close_forum_topic, _TOPIC),
    ("reopenForumTopic", shopfront.reopen_forum_topic, _TOPIC),
    ("deleteForumTopic", shopfront.delete_forum_topic, _TOPIC),
    ("getFile", shopfront.get_file, "file_id"),
    ("logOut", shopfront.log_out, ""),
)

METHODS: dict[str, tuple[str, Handler, frozenset[str]]] = {
    name.lower(): (name, handler, frozenset(known.split())) for name, handler, known in _TABLE
}
