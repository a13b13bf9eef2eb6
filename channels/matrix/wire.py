"""nio's client with one request per call: nothing is repeated behind our back, every failure has a name.

As shipped, nio repeats timeouts and "too many requests" for ever inside one call, and answers errors as
values that are easily passed over.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
import nio

from channels.matrix.failures import Refusal, Unanswered, Unreachable, refusal

PATIENCE: Final = 30.0
CLIENT: Final = "/_matrix/client/v3"


class Client(nio.AsyncClient):
    """The connection to the homeserver. `ask` is the only door."""

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
        token: str | None = None,
    ) -> dict[str, Any]:
        """One request and its answer. Raises `Unreachable`, `Unanswered`, `Refusal`.

        `token` is used in place of ours; "" sends none.
        """
        bearer = self.access_token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        data = None if body is None else json.dumps(body, separators=(",", ":"))
        if data is not None:
            headers["Content-Type"] = "application/json"
        where = f"{path}?{urlencode(query)}" if query else path
        try:
            # The client's own limit may not cover a body that trickles in.
            async with asyncio.timeout(patience):
                answer: aiohttp.ClientResponse = await self.send(
                    method, where, data, headers, timeout=patience
                )
                raw = await answer.read()
        except TimeoutError:
            raise Unanswered("no answer in time") from None
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(type(error).__name__) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unanswered(type(error).__name__) from None
        return _read(answer.status, raw, answer.headers.get("Retry-After", ""))

    async def get(self, path: str, **more: Any) -> dict[str, Any]:
        """GET below the client API."""
        return await self.ask("GET", CLIENT + path, **more)

    async def post(self, path: str, body: object, **more: Any) -> dict[str, Any]:
        """POST below the client API."""
        return await self.ask("POST", CLIENT + path, body, **more)

    async def put(self, path: str, body: object, **more: Any) -> dict[str, Any]:
        """PUT below the client API."""
        return await self.ask("PUT", CLIENT + path, body, **more)


def part(name: str) -> str:
    """A room, event, user or transaction id as one part of a path."""
    return quote(name, safe="")


def _read(status: int, raw: bytes, retry_after: str) -> dict[str, Any]:
    try:
        told: object = json.loads(raw) if raw else {}
    except ValueError:  # also UnicodeDecodeError
        told = None
    if not 200 <= status < 300:
        raise refusal(status, told, retry_after)
    if not isinstance(told, dict):
        raise Refusal(status)
    return told  # pyright: ignore[reportUnknownVariableType]  any JSON object
