"""Bringing updates to a webhook: each again until it is answered 200, in order per chat, many at once."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import aiohttp
import orjson

from tests.botapi.updates import Waiting
from tests.botapi.world import Webhook, World

FIRST_PAUSE = 0.05  # seconds; the real server begins with about one
LONGEST_PAUSE = 1.0
PATIENCE = 60.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # a header's name, no secret


def written(plain: Any) -> bytes:
    """JSON; half a character is escaped, as a hostile server could do it."""
    try:
        return orjson.dumps(plain)
    except TypeError:
        return json.dumps(plain).encode()


def chat_of(plain: dict[str, Any]) -> int:
    """What keeps an update in order with others: its chat, else its person."""
    for value in plain.values():
        if isinstance(value, dict):
            for place in (value.get("message"), value):
                if isinstance(place, dict) and isinstance(place.get("chat"), dict):
                    return int(place["chat"].get("id", 0))
            if isinstance(value.get("from"), dict):
                return int(value["from"]["id"])
    return 0


class Carrier:
    """Carries the updates of all bots that have a webhook."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._flying: dict[tuple[int, int], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as client:
            try:
                while True:
                    for bot, hook in self._world.webhooks.items():
                        if hook.url:
                            self._launch(client, bot, hook)
                    await asyncio.sleep(0.002)
            finally:
                for task in self._flying.values():
                    task.cancel()
                await asyncio.gather(*self._flying.values(), return_exceptions=True)

    def _launch(self, client: aiohttp.ClientSession, bot: int, hook: Webhook) -> None:
        for one in self._world.updates[bot].waiting:
            if len(self._flying) >= hook.max_connections:
                return
            key = (bot, chat_of(one.plain))
            if key not in self._flying:
                task = asyncio.ensure_future(self._bring(client, bot, hook, one))
                self._flying[key] = task
                task.add_done_callback(lambda _, k=key: self._flying.pop(k, None))

    async def _bring(self, client: aiohttp.ClientSession, bot: int, hook: Webhook, one: Waiting) -> None:
        pause = FIRST_PAUSE
        headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: hook.secret} if hook.secret else {})
        while self._world.webhooks[bot] is hook:
            hook.tries += 1
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(self._world.latency / 2)
                async with client.post(hook.url, data=written(one.plain), headers=headers) as answer:
                    status = answer.status
                await asyncio.sleep(self._world.latency / 2)
                if 200 <= status < 300:
                    with suppress(ValueError):
                        self._world.updates[bot].waiting.remove(one)
                    return
                hook.last_error = f"Wrong response from the webhook: {status}"
                hook.last_error_at = self._world.clock.now()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
