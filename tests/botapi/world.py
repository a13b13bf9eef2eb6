"""Everything the network knows: accounts, chats, what waits for whom, and what it was asked."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.accounts import BotAccount, User
from tests.botapi.chats import Chat, Message
from tests.botapi.clock import VirtualClock
from tests.botapi.limits import Limits
from tests.botapi.mishaps import Mishaps
from tests.botapi.refusals import BLOCKED, CANNOT_BEGIN, DEACTIVATED, KICKED, NO_CHAT, Refusal, bad, forbidden
from tests.botapi.updates import Updates

QUERY_LIVES = 15.0  # seconds within which a tap must be answered


@dataclass(slots=True)
class Query:
    """A tap that waits to be answered: her button turns until then."""

    at: float
    user: int
    answered: str | None = None


@dataclass
class Webhook:
    """Where updates are brought instead of being asked for."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error_at: float = 0.0
    last_error: str = ""
    tries: int = 0


@dataclass
class World:
    """One network. Ids of people are far above 32 bits, as the real ones may be."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    limits: Limits = field(default_factory=Limits)
    mishaps: Mishaps = field(default_factory=Mishaps)
    latency: float = 0.0  # seconds of a round trip
    bots: dict[str, BotAccount] = field(default_factory=dict[str, BotAccount])
    users: dict[int, User] = field(default_factory=dict[int, User])
    chats: dict[tuple[int, int], Chat] = field(default_factory=dict[tuple[int, int], Chat])
    updates: dict[int, Updates] = field(default_factory=dict[int, Updates])
    webhooks: dict[int, Webhook] = field(default_factory=dict[int, Webhook])
    polls: dict[int, "asyncio.Future[Refusal]"] = field(default_factory=dict[int, "asyncio.Future[Refusal]"])
    queries: dict[str, Query] = field(default_factory=dict[str, Query])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    calls: Counter[str] = field(default_factory=Counter[str])
    strange: set[str] = field(default_factory=set[str])  # "method.parameter" that the method does not have
    refused: Counter[str] = field(default_factory=Counter[str])
    made: int = 0

    def add_bot(self, token: str = "", name: str = "Notes", **facts: Any) -> BotAccount:
        number = 7_000_000_001 + len(self.bots)
        token = token or f"{number}:{'A' * 30}{len(self.bots):05d}"
        bot = BotAccount(int(token.partition(":")[0]), token, name, f"notes{number % 1000}_bot", **facts)
        self.bots[token] = bot
        self.updates[bot.id] = Updates(self.clock)
        self.webhooks[bot.id] = Webhook()
        return bot

    def add_user(self, name: str = "", **facts: Any) -> User:
        number = 5_000_000_001 + len(self.users)
        user = User(number, name or f"Person {len(self.users) + 1}", **facts)
        self.users[number] = user
        return user

    def private(self, bot: BotAccount, user: User) -> Chat:
        """Her chat with that bot; made when first looked at."""
        chat = self.chats.get((bot.id, user.id))
        if chat is None:
            chat = self.chats[bot.id, user.id] = Chat(user.id, "private", bot, user=user)
            # The same number in many chats: who takes message ids for unique in all is found out.
            chat.next_id = 1 + user.id % 7
        return chat

    def group(self, bot: BotAccount, title: str, *, forum: bool = False) -> Chat:
        """A group that bot is in."""
        number = -1_002_000_000_000 - len(self.chats)
        chat = self.chats[bot.id, number] = Chat(
            number, "supergroup", bot, title=title, forum=forum, begun=True
        )
        return chat

    def chat_of(self, bot: BotAccount, chat_id: int) -> Chat:
        """A chat the bot may write to. Raises Refusal as the real server does."""
        chat = self.chats.get((bot.id, chat_id))
        if chat is None:
            if chat_id in self.users:
                raise forbidden(CANNOT_BEGIN)
            raise bad(NO_CHAT)
        if chat.user is not None and chat.user.deactivated:
            raise forbidden(DEACTIVATED)
        if chat.blocked:
            raise forbidden(BLOCKED if chat.user is not None else KICKED)
        if not chat.begun:
            raise forbidden(CANNOT_BEGIN)
        return chat

    def message_of(self, chat: Chat, message_id: int, words: str) -> Message:
        """A message of a chat; `words` say no when there is none."""
        found = chat.messages.get(message_id)
        if found is None:
            raise bad(words)
        return found

    def new_id(self) -> str:
        """An id for anything."""
        self.made += 1
        return f"{self.made:019d}"

    def tell(self, bot: BotAccount, kind: str, value: Any) -> int | None:
        """An update for a bot."""
        return self.updates[bot.id].add(kind, value)

    def bot_with(self, token: str) -> BotAccount:
        """Whose token this is. Raises Refusal as the real server does."""
        number, colon, secret = token.partition(":")
        if not colon or not number.isdigit() or not secret:
            raise Refusal(404, "Not Found")
        bot = self.bots.get(token)
        if bot is None or bot.revoked:
            raise Refusal(401, "Unauthorized")
        return bot
