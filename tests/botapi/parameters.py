"""Parameters of a call, from a query, a form, JSON or a multipart body, read as strictly as the real server.

Values of forms are texts; lists and objects in them are JSON. In a JSON body they may come as they are.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from tests.botapi.refusals import bad

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Parameters:
    """What a call was given, each read as what it must be."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given

    def has(self, name: str) -> bool:
        return self.given.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name, default)
        if isinstance(value, dict | list):
            raise bad(f'Bad Request: field "{name}" must be of type String')
        return default if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.given.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f"Bad Request: invalid {name} specified") from None

    def yes(self, name: str) -> bool:
        """As the real server: "true", "yes", "1" in any case."""
        return str(self.given.get(name, "")).strip().lower() in {"true", "yes", "1"}

    def decoded(self, name: str) -> Any:
        """A list or an object, None if it was not given."""
        value = self.given.get(name)
        if value in (None, ""):
            return None
        if isinstance(value, dict | list):
            return value
        try:
            return orjson.loads(value)
        except (orjson.JSONDecodeError, TypeError):
            raise bad(f"Bad Request: can't parse {name} JSON object") from None


async def read(request: web.BaseRequest, query: str) -> Parameters:
    """The parameters of one request. Raises Refusal for a body that cannot be read."""
    given: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    if request.method == "POST" and request.body_exists:
        kind = request.headers.get("Content-Type", "")
        if kind.startswith(MULTIPART):
            given |= await _multipart(request)
        else:
            given |= _body(kind, await request.read())
    return Parameters(given)


def _body(kind: str, body: bytes) -> dict[str, Any]:
    if kind.startswith("application/json"):
        try:
            plain = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError:
            plain = None
        if not isinstance(plain, dict):
            raise bad("Bad Request: object expected as the request body")
        return plain
    if kind.startswith(FORM):
        try:
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
        except UnicodeDecodeError:
            raise bad("Bad Request: strings must be encoded in UTF-8") from None
    return {}


async def _multipart(request: web.BaseRequest) -> dict[str, Any]:
    given: dict[str, Any] = {}
    async for part in await request.multipart():
        if part.name:
            content = await part.read(decode=True)
            given[part.name] = content if part.filename else content.decode()
    return given
