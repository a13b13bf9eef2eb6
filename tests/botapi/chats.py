"""Chats with their messages, as the network keeps them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.accounts import BotAccount, User

DELETABLE_FOR = 48 * 3600.0
SEVERAL = 2  # people in a chat from which on it is a group


@dataclass(eq=False, slots=True)
class Message:
    """One message; `body` is what kind it is: {"text": …}, {"photo": …}."""

    id: int
    date: float
    sender: User | BotAccount
    body: dict[str, Any]
    keyboard: list[list[dict[str, Any]]] = field(default_factory=list[list[dict[str, Any]]])
    thread: int | None = None
    silent: bool = False
    protected: bool = False
    preview_off: bool = False
    edited: float | None = None
    reply_to: "Message | None" = None

    @property
    def text(self) -> str:
        return str(self.body.get("text", ""))

    @property
    def from_bot(self) -> bool:
        return isinstance(self.sender, BotAccount)


@dataclass
class Topic:
    """A topic of a chat."""

    id: int
    name: str
    closed: bool = False


@dataclass(eq=False)
class Chat:
    """A chat a bot is in. In a private one `user` is the other side."""

    id: int
    kind: str
    bot: BotAccount
    title: str = ""
    user: User | None = None
    members: dict[int, User] = field(default_factory=dict[int, User])
    forum: bool = False
    begun: bool = False  # the person has written or started: before that the bot may not
    blocked: bool = False  # she blocked the bot, or the group removed it
    bot_is_admin: bool = False
    messages: dict[int, Message] = field(default_factory=dict[int, Message])
    topics: dict[int, Topic] = field(default_factory=dict[int, Topic])
    watchers: list[Callable[[str, Message], None]] = field(
        default_factory=list[Callable[[str, Message], None]]
    )
    next_id: int = 1

    def plain(self) -> dict[str, Any]:
        if self.user is not None:
            told = self.user.plain()
            return {
                "id": self.id,
                "type": "private",
                **{k: v for k, v in told.items() if k in {"first_name", "last_name", "username"}},
            }
        return {"id": self.id, "type": self.kind, "title": self.title} | (
            {"is_forum": True} if self.forum else {}
        )

    def add(self, message: Message) -> Message:
        """A message comes into the chat."""
        self.messages[message.id] = message
        self._tell("new", message)
        return message

    def take_id(self) -> int:
        """The next message id of this chat."""
        self.next_id += 1
        return self.next_id - 1

    def changed(self, message: Message) -> None:
        """A message was edited."""
        self._tell("edit", message)

    def remove(self, message: Message) -> None:
        """A message is gone for both sides."""
        del self.messages[message.id]
        self._tell("delete", message)

    def _tell(self, what: str, message: Message) -> None:
        for watcher in self.watchers:
            watcher(what, message)

    def told(self, message: Message) -> dict[str, Any]:
        """A message as a bot is told it."""
        plain: dict[str, Any] = {
            "message_id": message.id,
            "from": message.sender.plain(),
            "chat": self.plain(),
            "date": int(message.date),
            **message.body,
        }
        if message.edited is not None:
            plain["edit_date"] = int(message.edited)
        if message.keyboard:
            plain["reply_markup"] = {"inline_keyboard": message.keyboard}
        if message.thread is not None:
            plain |= {"message_thread_id": message.thread, "is_topic_message": True}
        if message.protected:
            plain["has_protected_content"] = True
        if message.reply_to is not None:
            plain["reply_to_message"] = self.told(message.reply_to)
        return plain

    def deletable(self, message: Message, now: float) -> bool:
        """Two days, in private chats both sides' messages; in groups others' only for an administrator."""
        if self.user is None and not message.from_bot:
            return self.bot_is_admin
        return now - message.date < DELETABLE_FOR
