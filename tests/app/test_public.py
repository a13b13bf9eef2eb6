"""The public health check costs the same however many ask."""

import asyncio

import pytest
from aiohttp import ClientSession, web

from bot.web import public


@pytest.mark.parametrize(("reasons", "status"), [([], 200), (["database: away"], 503)])
async def test_many_who_ask_at_once_look_at_the_database_once(
    reasons: list[str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "HEALTH_LASTS", 0.3)
    looked: list[None] = []

    async def readiness() -> list[str]:
        looked.append(None)
        await asyncio.sleep(0.05)
        return reasons

    runner = web.AppRunner(public.public_app([], readiness))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/healthz"
    async with ClientSession() as visit:

        async def asks() -> tuple[int, bytes]:
            async with visit.get(url) as answer:
                return answer.status, await answer.read()

        assert set(await asyncio.gather(*(asks() for _ in range(50)))) == {(status, b"")}
        assert len(looked) == 1
        await asyncio.sleep(0.4)
        await asks()
        assert len(looked) == 2
    await runner.cleanup()
