"""Who there is: people and bots."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class User:
    """A person's account; what a bot is told of it."""

    id: int
    first_name: str
    username: str | None = None
    language: str | None = None
    last_name: str | None = None
    deactivated: bool = False
    is_bot: bool = False

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        optional = {"last_name": self.last_name, "username": self.username, "language_code": self.language}
        return told | {name: value for name, value in optional.items() if value is not None}


@dataclass
class Profile:
    """What everybody sees of a bot, by language; "" for all others."""

    names: dict[str, str] = field(default_factory=dict[str, str])
    descriptions: dict[str, str] = field(default_factory=dict[str, str])
    short_descriptions: dict[str, str] = field(default_factory=dict[str, str])
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(
        default_factory=dict[tuple[str, str], list[dict[str, str]]]
    )
    menus: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])


@dataclass(eq=False)
class BotAccount:
    """A bot: its token, and what its maker switched on."""

    id: int
    token: str
    name: str
    username: str
    topics: bool = False  # topics in private chats
    joins_groups: bool = True  # until its maker says otherwise
    reads_groups: bool = False  # privacy mode off
    revoked: bool = False
    profile: Profile = field(default_factory=Profile)

    def plain(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}

    def me(self) -> dict[str, Any]:
        """The answer to getMe."""
        return self.plain() | {
            "can_join_groups": self.joins_groups,
            "can_read_all_group_messages": self.reads_groups,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": self.topics,
            "allows_users_to_create_topics": False,
        }
