"""How a bot stands at the network, for `hotline doctor`: asked once, nothing changed, nobody written to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from channels.telegram.profile import Profile, read_profile
from channels.telegram.translate import WANTED
from channels.telegram.wire import Wire


@dataclass(frozen=True, slots=True)
class Standing:
    """What the network says of one bot.

    Attributes:
        username: as everybody sees it; it cannot be changed.
        joins_groups: others may add it to groups.
        topics: it may make topics in private chats.
        webhook: where updates are brought, "" for nowhere.
        deaf_to: kinds of updates we need and the network was told not to bring.
        waits: something waits there to be fetched or brought.
        failed_at: when bringing it failed last, aware; None for never.
        shown: language → what it shows of itself; "" for all other languages.
    """

    username: str
    joins_groups: bool
    topics: bool
    webhook: str
    deaf_to: tuple[str, ...]
    waits: bool
    failed_at: datetime | None
    shown: dict[str, Profile] = field(default_factory=dict[str, Profile])


async def ask_standing(wire: Wire, languages: Iterable[str] = ()) -> Standing:
    """Ask the network. Raises TelegramError."""
    me: dict[str, Any] = await wire.ask("getMe")
    hook: dict[str, Any] = await wire.ask("getWebhookInfo")
    shown = {language: await read_profile(wire, language) for language in languages}
    failed: Any = hook.get("last_error_date")
    # None told means: all kinds but a few, and those are none of ours.
    allowed = cast("list[str]", hook.get("allowed_updates") or list(WANTED))
    return Standing(
        username=str(me.get("username") or ""),
        joins_groups=bool(me.get("can_join_groups")),
        topics=me.get("has_topics_enabled") is True,
        webhook=str(hook.get("url") or ""),
        deaf_to=tuple(kind for kind in WANTED if kind not in allowed),
        waits=bool(hook.get("pending_update_count")),
        failed_at=datetime.fromtimestamp(failed, UTC) if isinstance(failed, int) else None,
        shown=shown,
    )
