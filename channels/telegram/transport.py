"""python-telegram-bot's `BaseRequest` on aiohttp and orjson: its own transport costs five times the CPU.

Errors are told apart by whether the request may have reached the network. No error carries a text: the
address of a request holds the token.
"""

from contextlib import suppress
from http import HTTPStatus
from typing import Any, cast

import aiohttp
import orjson
from aiohttp import ClientTimeout, DummyCookieJar, TCPConnector
from telegram.error import TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from channels.telegram.failures import CutOff, Flooded, NeverSent, ServerTrouble
from channels.telegram.plain import NotJson, read_json

_AS_ALWAYS = b'{"ok":true,"result":'  # how the network's answers begin: not worth reading twice
_HEADERS = {"Content-Type": "application/json"}
_FAILED_BEFORE = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE})
"""Statuses of a front that reached nobody."""

CONNECTS_WITHIN = 5.0


class AiohttpRequest(BaseRequest):
    """One pool of connections to one Bot API server.

    Args:
        connections: how many at most.
        read_timeout: seconds an answer may take unless a call says otherwise.
    """

    def __init__(self, connections: int, read_timeout: float) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None
        self._addresses: dict[str, URL] = {}
        self._timeouts: dict[float, ClientTimeout] = {}

    @property
    def read_timeout(self) -> float:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """Seconds an answer may take."""
        return self._read_timeout

    async def initialize(self) -> None:  # pyright: ignore[reportImplicitOverride]  same
        """Open the pool; connections are made when they are needed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=TCPConnector(limit=self._connections, keepalive_timeout=25.0),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": "Mozilla/5.0"},
                auto_decompress=True,
            )

    async def shutdown(self) -> None:  # pyright: ignore[reportImplicitOverride]  same
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(  # pyright: ignore[reportImplicitOverride]  same
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Put one request on the wire. Raises NeverSent, TimedOut, CutOff, ServerTrouble, Flooded."""
        del write_timeout, connect_timeout, pool_timeout  # one time for connecting, one for the answer
        if self._session is None:
            await self.initialize()
        assert self._session is not None  # noqa: S101  opened above
        body = orjson.dumps(request_data.parameters) if request_data is not None else b"{}"
        seconds = self._read_timeout if read_timeout is BaseRequest.DEFAULT_NONE else float(read_timeout)
        try:
            async with self._session.request(
                method, self._address(url), data=body, headers=_HEADERS, timeout=self._timeout(seconds)
            ) as answer:
                payload = await answer.read()
                status = answer.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NeverSent("no connection") from None
        except TimeoutError:
            raise TimedOut("no answer") from None
        except (aiohttp.ClientError, OSError):
            raise CutOff("no answer") from None
        if status != HTTPStatus.OK:
            _refuse(status, payload)
        elif not payload.startswith(_AS_ALWAYS):
            _expect_result(payload)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:  # pyright: ignore[reportImplicitOverride]  same
        """The answer as plain values, also where a text holds half a character."""
        try:
            return read_json(payload)
        except NotJson:
            raise CutOff("not JSON") from None

    def _address(self, url: str) -> URL:
        """Parsed once per method: parsing costs more than sending."""
        known = self._addresses.get(url)
        if known is None:
            known = self._addresses[url] = URL(url)
        return known

    def _timeout(self, seconds: float) -> ClientTimeout:
        known = self._timeouts.get(seconds)
        if known is None:
            known = self._timeouts[seconds] = ClientTimeout(
                total=None, connect=CONNECTS_WITHIN, sock_connect=CONNECTS_WITHIN, sock_read=seconds
            )
        return known


def _expect_result(payload: bytes) -> None:
    """Something between us and the network may answer in its place: a page to sign in at, a broken proxy."""
    told: Any = None
    with suppress(NotJson):
        told = read_json(payload)
    if not isinstance(told, dict) or "result" not in told:
        raise CutOff("not an answer of the network")


def _refuse(status: int, payload: bytes) -> None:
    """Raise what the library cannot tell apart itself; leave the rest to it."""
    told: dict[str, Any] | None = None
    with suppress(NotJson):
        plain: Any = read_json(payload)
        told = cast("dict[str, Any]", plain) if isinstance(plain, dict) else None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        parameters: Any = (told or {}).get("parameters")
        given = cast("dict[str, Any]", parameters) if isinstance(parameters, dict) else {}
        seconds: Any = given.get("retry_after")
        raise Flooded(float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 1.0)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ServerTrouble(status, carried_out=told is None and status not in _FAILED_BEFORE)
