"""The canary's loop: a round over each channel that is watched, and a call when one is silent."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from bot.canary.calling import Ways, call
from bot.canary.visit import Round
from bot.canary.watching import News, Watch

log: Final = logging.getLogger(__name__)
Told = Callable[[str, Round], None]


class Visit(Protocol):
    """A way of writing to the line as anybody would."""

    def once(self) -> Awaitable[Round]:
        """Write, wait for an answer, erase."""
        ...


async def watch_all(visits: Mapping[str, Visit], ways: Ways, every: float) -> None:
    """Watch each channel, beside one another, until cancelled."""
    async with asyncio.TaskGroup() as running:
        for channel, visit in visits.items():
            running.create_task(_watch(channel, visit, ways, Watch(every)))


async def once(visits: Mapping[str, Visit], ways: Ways) -> dict[str, Round]:
    """One round over each; silence is called at once."""
    rounds = dict(zip(visits, await asyncio.gather(*(each.once() for each in visits.values())), strict=True))
    if ways.any and not all(each.whole for each in rounds.values()):
        await raise_call(ways, News.SILENT)
    return rounds


async def raise_call(ways: Ways, news: News) -> bool:
    """Call over every way; whether at least one took it. What failed is in the log, by its class alone."""
    ended = await call(ways, news)
    for way, fault in ended.items():
        if fault:
            log.error("a call was not taken", extra={"state": way, "error": fault})
        else:
            log.info("called", extra={"state": f"{news.value}_by_{way}"})
    return any(not fault for fault in ended.values())


async def _watch(channel: str, visit: Visit, ways: Ways, watch: Watch) -> None:
    while True:
        began = time.monotonic()
        came = await visit.once()
        if came.whole:
            log.info("answered", extra={"channel": channel, "duration": round(came.seconds, 3)})
        else:
            log.error("no answer", extra={"channel": channel, "state": f"not_{came.waited_for.value}"})
        now = time.monotonic()
        news = watch.after(now, whole=came.whole)
        if news is not None and await raise_call(ways, news):
            watch.told(news, now)
        await asyncio.sleep(watch.rest(time.monotonic() - began))
