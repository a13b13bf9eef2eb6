"""`telegram.Bot` as this adapter uses it: one call per method of the Bot API, plain values in and out.

Its typed methods parse every answer into objects that the hot path would throw away; `ask` leaves that out
and keeps what matters: addresses, token, and the errors.
"""

from typing import Any

import telegram

from channels.telegram.transport import AiohttpRequest

SEND_WITHIN = 10.0  # seconds an answer may take
DEFAULT_API = "https://api.telegram.org"


class Wire(telegram.Bot):
    """One bot at one Bot API server.

    Args:
        token: the bot's; never logged, never part of an error's text.
        api_url: address of the Bot API server without a path.
        connections: how many at once, the poller's apart.
    """

    def __init__(self, token: str, api_url: str = DEFAULT_API, connections: int = 80) -> None:
        address = api_url.rstrip("/")
        super().__init__(
            token,
            base_url=f"{address}/bot",
            base_file_url=f"{address}/file/bot",
            request=AiohttpRequest(connections, SEND_WITHIN),
            get_updates_request=AiohttpRequest(2, SEND_WITHIN),
        )

    @property
    def number(self) -> int:
        """The bot's own number: the part of its token that is no secret."""
        return int(self.token.partition(":")[0])

    async def ask(self, method: str, /, answered_within: float = SEND_WITHIN, **parameters: Any) -> Any:
        """Call a method of the Bot API by its own name; returns the plain `result`.

        Raises `telegram.error.TelegramError`, see `failures`.
        """
        return await self._post(method, parameters, read_timeout=answered_within)

    async def open(self) -> None:
        """Open the pools, without asking the network anything: it may be away."""
        for request in self._request:
            await request.initialize()

    async def hang_up(self) -> None:
        """Close every connection."""
        for request in self._request:
            await request.shutdown()
