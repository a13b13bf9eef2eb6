"""JSON as the network writes it, read fast, and read all the same where a text holds half a character."""

import json
from typing import Any

import orjson


class NotJson(ValueError):
    """What came is no JSON."""


def read_json(payload: bytes) -> Any:
    """The plain value. Raises NotJson, whose text quotes nothing."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        pass
    # orjson refuses lone surrogates, and with them a whole answer; nobody else's words may be lost for one.
    try:
        return json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise NotJson from None
