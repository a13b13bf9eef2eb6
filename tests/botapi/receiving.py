"""Methods by which a bot gets its updates, one way or the other."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from tests.botapi import refusals as say
from tests.botapi.accounts import BotAccount
from tests.botapi.parameters import Parameters
from tests.botapi.refusals import Refusal, bad, conflict
from tests.botapi.updates import KINDS
from tests.botapi.world import Webhook, World

LONGEST_POLL = 50
SECRET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def end_poll(world: World, bot: int, words: str) -> None:
    """A newer poller, or a webhook, ends the older poll."""
    older = world.polls.pop(bot, None)
    if older is not None and not older.done():
        older.set_result(conflict(words))


async def get_updates(world: World, bot: BotAccount, p: Parameters) -> Any:
    if world.webhooks[bot.id].url:
        raise conflict(say.CONFLICT_WEBHOOK)
    updates = world.updates[bot.id]
    updates.allow(_kinds(p))
    limit = p.integer("limit", 100)
    limit = limit if 1 <= limit <= 100 else 100
    seconds = min(max(p.integer("timeout"), 0), LONGEST_POLL)
    end_poll(world, bot.id, say.CONFLICT_POLLER)
    updates.confirm(p.integer("offset"))
    if updates.waiting or not seconds:
        return updates.take(limit)
    mine: asyncio.Future[Refusal] = asyncio.get_running_loop().create_future()
    world.polls[bot.id] = mine
    coming = asyncio.ensure_future(updates.come(seconds))
    try:
        await asyncio.wait((coming, mine), return_when=asyncio.FIRST_COMPLETED)
        if mine.done():
            raise mine.result()
        return updates.take(limit)
    finally:
        coming.cancel()
        if world.polls.get(bot.id) is mine:
            del world.polls[bot.id]


async def set_webhook(world: World, bot: BotAccount, p: Parameters) -> Any:
    url, secret = p.text("url"), p.text("secret_token")
    if not url:
        return await delete_webhook(world, bot, p)
    parts = urlsplit(url)
    # A Bot API server of one's own takes plain HTTP too; this one from its own machine only.
    if parts.scheme != "https" and parts.hostname != "127.0.0.1":
        raise bad("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256 or not SECRET.issuperset(secret):
        raise bad("Bad Request: secret token contains unallowed characters")
    world.updates[bot.id].allow(_kinds(p))
    if p.yes("drop_pending_updates"):
        world.updates[bot.id].waiting.clear()
    most = p.integer("max_connections", 40)
    world.webhooks[bot.id] = Webhook(url, secret, most if 1 <= most <= 100 else 40)
    end_poll(world, bot.id, say.CONFLICT_SET)
    return True


async def delete_webhook(world: World, bot: BotAccount, p: Parameters) -> Any:
    world.webhooks[bot.id] = Webhook()
    if p.yes("drop_pending_updates"):
        world.updates[bot.id].waiting.clear()
    return True


async def get_webhook_info(world: World, bot: BotAccount, p: Parameters) -> Any:
    del p
    hook, updates = world.webhooks[bot.id], world.updates[bot.id]
    told: dict[str, Any] = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(updates.waiting),
        "allowed_updates": sorted(updates.allowed),
    }
    if hook.url:
        told["max_connections"] = hook.max_connections
    if hook.last_error:
        told |= {"last_error_date": int(hook.last_error_at), "last_error_message": hook.last_error}
    return told


def _kinds(p: Parameters) -> list[str] | None:
    kinds = p.decoded("allowed_updates")
    if kinds is None:
        return None
    if not isinstance(kinds, list) or not all(isinstance(one, str) for one in kinds):
        raise bad("Bad Request: can't parse allowed_updates JSON object")
    return [one for one in kinds if one in KINDS]
