"""The operator's listener: readiness with reasons, and metrics; never on a public address."""

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from bot.observability.metrics import Metrics

Readiness = Callable[[], Awaitable[list[str]]]
"""What keeps the hotline from serving, in words; empty when it is ready."""


def ops_app(metrics: Metrics, readiness: Readiness) -> web.Application:
    """`/readyz` and `/metrics`."""

    async def ready(_request: web.Request) -> web.Response:
        reasons = await readiness()
        body = orjson.dumps({"ready": not reasons, "reasons": reasons})
        return web.Response(status=503 if reasons else 200, body=body, content_type="application/json")

    async def read_metrics(_request: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), content_type="text/plain")

    app = web.Application()
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", read_metrics)
    return app
