"""The public listener of a host that has mounted a webhook."""

from dataclasses import dataclass

from aiohttp import web

from channels.telegram.channel import Telegram


@dataclass
class HookServer:
    """The public listener of a host that has mounted the webhook."""

    url: str
    _runner: web.AppRunner
    _chat: Telegram | None = None

    @classmethod
    async def open(cls) -> "HookServer":
        app = web.Application()
        runner = web.AppRunner(app)
        server = cls("", runner)
        app.router.add_post("/telegram/updates", server._receive)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return server

    def serve(self, chat: Telegram) -> None:
        """Pass on what arrives to the handler the adapter wants mounted."""
        self._chat = chat

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        assert self._chat is not None
        (route,) = self._chat.routes()
        assert route.path == request.path
        return await route.handler(request)

    async def close(self) -> None:
        await self._runner.cleanup()
