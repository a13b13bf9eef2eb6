"""The public listener: the web chat's routes, the page "what we hold" and a bare health check."""

import asyncio

from aiohttp import web

from bot.web.ops import Readiness

HEALTH_LASTS = 2.0  # seconds an answer serves everyone who asks
LARGEST_BODY = 256 * 1024  # bytes; the web chat refuses far smaller ones kindly, this stops the rest


def public_app(routes: list[web.RouteDef], readiness: Readiness) -> web.Application:
    """These routes and `/healthz` (200 or 503 without a word).

    Anybody may ask: however many do, the database is looked at once in HEALTH_LASTS.
    """
    looking: asyncio.Task[list[str]] | None = None
    looked_at = -HEALTH_LASTS

    async def health(_request: web.Request) -> web.Response:
        nonlocal looking, looked_at
        loop = asyncio.get_running_loop()
        if looking is None or (looking.done() and loop.time() - looked_at >= HEALTH_LASTS):
            looking, looked_at = loop.create_task(_ask(readiness)), loop.time()
        # Whoever gives up asking does not take the answer from the others.
        return web.Response(status=503 if await asyncio.shield(looking) else 200)

    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_get("/healthz", health)
    app.add_routes(routes)
    return app


async def _ask(readiness: Readiness) -> list[str]:
    return await readiness()
