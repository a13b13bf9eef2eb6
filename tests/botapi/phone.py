"""One person's phone: what she sees in her chat with a bot, what it shows and sounds, and what she does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.accounts import BotAccount, User
from tests.botapi.chats import Chat, Message
from tests.botapi.world import Query, World

MEDIA: dict[str, Any] = {
    "photo": [{"file_id": "f1", "file_unique_id": "u1", "width": 90, "height": 90, "file_size": 900}],
    "voice": {"file_id": "f2", "file_unique_id": "u2", "duration": 3, "mime_type": "audio/ogg"},
    "video": {"file_id": "f3", "file_unique_id": "u3", "width": 90, "height": 90, "duration": 3},
    "document": {"file_id": "f4", "file_unique_id": "u4", "file_name": "her-name.pdf"},
    "sticker": {
        "file_id": "f5", "file_unique_id": "u5", "type": "regular", "width": 512, "height": 512,
        "is_animated": False, "is_video": False,
    },
    "audio": {"file_id": "f6", "file_unique_id": "u6", "duration": 3, "performer": "Her Name"},
    "video_note": {"file_id": "f7", "file_unique_id": "u7", "length": 90, "duration": 3},
    "contact": {"phone_number": "+40700000001", "first_name": "Hername", "last_name": "Surname"},
    "location": {"latitude": 44.4268, "longitude": 26.1025},
    "venue": {
        "location": {"latitude": 44.4268, "longitude": 26.1025},
        "title": "Her house", "address": "Her street 1",
    },
    "dice": {"emoji": "🎲", "value": 4},
    "animation": {"file_id": "f8", "file_unique_id": "u8", "width": 90, "height": 90, "duration": 3},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification as a bystander may meet it."""

    at: float
    text: str
    sounding: bool


@dataclass
class Phone:
    """Her side. Every act goes out as an update of the network."""

    world: World
    bot: BotAccount
    user: User
    notices: list[Notice] = field(default_factory=list[Notice])
    edits: int = 0
    deleted: int = 0
    tapped: int = 0  # the message she last tapped on
    on_change: Callable[[str, Message], None] | None = None

    def __post_init__(self) -> None:
        self.chat.watchers.append(self._see)

    @property
    def chat(self) -> Chat:
        return self.world.private(self.bot, self.user)

    # --- what she sees --------------------------------------------------------------------------------
    def screen(self) -> list[Message]:
        """Every message of the chat, oldest first."""
        return list(self.chat.messages.values())

    def texts(self) -> list[str]:
        return [message.text for message in self.screen()]

    def theirs(self) -> list[str]:
        """The bot's lines only."""
        return [message.text for message in self.screen() if message.from_bot]

    def offers(self) -> list[str]:
        """Labels of every button on the screen."""
        return [button["text"] for message in self.screen() for row in message.keyboard for button in row]

    def newest_offers(self) -> list[str]:
        """Labels of the last message's buttons, without their digits: what she is asked now."""
        last = self.screen()[-1:]
        return [key["text"].partition(" ")[2] for m in last for row in m.keyboard for key in row]

    def is_asked_anew(self, label: str) -> bool:
        """Whether the last message offers `label` and she has not tapped on that message yet."""
        return label in self.newest_offers() and self.screen()[-1].id != self.tapped

    def _see(self, what: str, message: Message) -> None:
        if what == "new" and message.from_bot:
            self.notices.append(Notice(self.world.clock.now(), message.text, not message.silent))
        elif what == "edit":
            self.edits += 1
        elif what == "delete":
            self.deleted += 1
        if self.on_change is not None:
            self.on_change(what, message)

    # --- what she does --------------------------------------------------------------------------------
    def starts(self, payload: str = "") -> int:
        """She opens the chat and presses Start."""
        text = f"/start {payload}".strip()
        entities = [{"type": "bot_command", "offset": 0, "length": 6}]
        return self.acts({"text": text, "entities": entities})

    def writes(self, text: str, *, thread: int | None = None, to: Message | None = None, **more: Any) -> int:
        """She writes, in a topic or as an answer where she likes; returns the message id."""
        return self.acts({"text": text, **more}, thread=thread, to=to)

    def sends(self, kind: str, caption: str = "", **more: Any) -> int:
        """She sends something that is no text; a caption may stand below it."""
        body = {kind: MEDIA.get(kind, {}), **({"caption": caption} if caption else {})}
        if kind == "venue":
            body["location"] = MEDIA["location"]
        return self.acts(body | more)

    def acts(self, body: dict[str, Any], thread: int | None = None, to: Message | None = None) -> int:
        """A message of hers with this body."""
        chat = self.chat
        chat.begun, chat.blocked = True, False
        message = chat.add(Message(chat.take_id(), self.world.clock.now(), self.user, body))
        message.thread, message.reply_to = thread, to
        self.world.tell(self.bot, "message", chat.told(message))
        return message.id

    def edits_hers(self, message_id: int, text: str) -> None:
        """She edits an earlier message of hers."""
        message = self.chat.messages[message_id]
        message.body = {**message.body, "text": text}
        message.edited = self.world.clock.now()
        self.chat.changed(message)
        self.world.tell(self.bot, "edited_message", self.chat.told(message))

    def deletes(self, message_id: int) -> None:
        """She deletes a message for both sides; no bot is told."""
        self.chat.remove(self.chat.messages[message_id])

    def taps(self, label: str) -> str:
        """She taps the newest button with this label; returns the id of the query."""
        message, button = next(
            (message, button)
            for message in reversed(self.screen())
            for row in message.keyboard
            for button in row
            if button["text"] == label or button["text"].endswith(f" {label}")
        )
        self.tapped = message.id
        return self.taps_data(button["callback_data"], message)

    def taps_data(self, data: str, message: Message | None = None) -> str:
        """A tap with this data, as a client of her own making could send it too."""
        query, now = self.world.new_id(), self.world.clock.now()
        self.world.queries[query] = Query(now, self.user.id)
        plain: dict[str, Any] = {
            "id": query,
            "from": self.user.plain(),
            "chat_instance": f"-{self.user.id}{self.bot.id}",
            "data": data,
        }
        if message is not None:
            plain["message"] = self.chat.told(message)
        self.world.tell(self.bot, "callback_query", plain)
        return query

    def blocks(self) -> None:
        """She blocks the bot."""
        self._member("member", "kicked")
        self.chat.blocked = True

    def unblocks(self) -> None:
        self.chat.blocked = False
        self._member("kicked", "member")

    def _member(self, before: str, after: str) -> None:
        def member(status: str) -> dict[str, Any]:
            return {"user": self.bot.plain(), "status": status} | (
                {"until_date": 0} if status == "kicked" else {}
            )

        self.world.tell(
            self.bot,
            "my_chat_member",
            {
                "chat": self.chat.plain(),
                "from": self.user.plain(),
                "date": int(self.world.clock.now()),
                "old_chat_member": member(before),
                "new_chat_member": member(after),
            },
        )
