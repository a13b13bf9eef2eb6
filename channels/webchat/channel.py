"""The web chat as a channel: what the host constructs, mounts and calls."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from channels.message import Address, Capabilities, OutboundMessage, Receipt
from channels.port import Sink
from channels.webchat import admission, polling, protocol, sockets
from channels.webchat.forms import Forms
from channels.webchat.pages import STATIC, Pages, static
from channels.webchat.reception import CHANNEL, Reception
from channels.webchat.settings import WebChatSettings

__all__ = ["WebChat", "WebChatSettings"]

SWEEP_EVERY = 5.0

CAPABILITIES = Capabilities(
    buttons=True,
    edits=True,
    deletes_ours=True,
    deletes_hers=True,
    delete_within=None,
    confirms_delivery=True,
    replays=True,
    tells_presence=True,
    silent=True,
    protects=False,
    encryption="transport",
    max_text=protocol.MAX_TEXT,
    max_label=protocol.MAX_LABEL,
    max_choices=10,
    wipes=True,
    max_inbound=protocol.MAX_TEXT,
    many_listen=True,
    notes={
        "deletes_hers": "Removes her line from the open page; nothing is kept on her device in any case.",
        "replays": "A page shows each entry once and puts it in its place by sequence.",
        "protects": "A page cannot keep its text from being copied.",
    },
)


class WebChat:
    """A page at "/" with a WebSocket, a long poll behind it, and plain forms behind both.

    Args:
        settings: see `WebChatSettings`.
        clock: the moment now, aware.
        token: a fresh random string of 256 bits, URL-safe; address handles, view ids and counter keys
            are made of it.
        sign_key: marks handles and views as ours; the same after a restart, or open pages begin anew.
    """

    def __init__(
        self,
        settings: WebChatSettings,
        clock: Callable[[], datetime],
        token: Callable[[], str],
        sign_key: bytes,
    ) -> None:
        self.reception = Reception(settings, clock, token, sign_key)
        self._pages = Pages(settings)
        self._forms = Forms(self.reception, self._pages)
        self._static = {name: static(name) for name in STATIC}

    @property
    def name(self) -> str:
        """The channel's name: "web"."""
        return CHANNEL

    @property
    def capabilities(self) -> Capabilities:
        """Fixed for the life of the adapter."""
        return CAPABILITIES

    def routes(self) -> list[web.RouteDef]:
        """Everything the host mounts at its public listener, under "/"."""
        return [
            web.get("/", self._forms.start),
            web.post("/", self._forms.post),
            web.post("/open", self._bound(polling.open_page)),
            web.post("/poll", self._bound(polling.poll)),
            web.post("/leave", self._bound(polling.leave)),
            web.get("/socket", self._bound(sockets.serve)),
            web.get("/favicon.ico", self._file("icon.svg")),
            *(web.get(f"/{name}", self._file(name)) for name in STATIC),
        ]

    async def listen(self, cursor: str | None, sink: Sink) -> None:
        """Hand over what pages bring, and end pages without life, until cancelled.

        There is no cursor: a page keeps each act until it is acknowledged.
        """
        del cursor
        async with asyncio.TaskGroup() as running:
            running.create_task(self.reception.gathering.run(sink))
            running.create_task(self._sweep())

    async def send(self, message: OutboundMessage) -> Receipt:
        """Put one message on the visitor's page; "not_connected" when no page of hers is reachable.

        A page without a script is handed its lines when it next asks: till then the receipt is "failed
        for now", the line waits in memory, and `Seen` follows when she has it; sending it again is safe.
        """
        return await self.reception.deliver(message)

    async def forget(self, address: Address, *, for_good: bool) -> None:
        """The page is covered and leaves; `for_good`: the session is dead, its cookie opens nothing."""
        self.reception.forget(address, for_good=for_good)

    def give_up(self, address: Address, newer: bool) -> None:  # noqa: FBT001  a fact, not a flag
        """Another process of the same hotline has this visitor's page; `newer` if she opened it there."""
        self.reception.give_up(address, newer=newer)

    async def close(self) -> None:
        """Close every socket; pages come back by themselves when there is a server again."""
        for view in self.reception.views.all():
            if view.wire is not None:
                view.wire.finish(protocol.slow(self.reception.words(view).connecting))
                view.wire = None
        await asyncio.sleep(0)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            self.reception.sweep()

    def _bound(
        self, answer: Callable[[Reception, web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def bound(request: web.Request) -> web.StreamResponse:
            return await answer(self.reception, request)

        return bound

    def _file(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def file(request: web.Request) -> web.StreamResponse:
            del request
            return web.Response(
                text=self._static[name], content_type=STATIC[name], charset="utf-8", headers=admission.HEADERS
            )

        return file
