"""Ids that only this house makes: address handles and view ids carry a mark under a key of ours. Pure.

An invented id, or one planted in her browser by somebody else, opens nothing (session fixation). The mark
needs no memory, so that pages come back after a restart. Ids stay opaque to everyone else.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable

from channels.webchat.protocol import is_token

MARK = 21  # characters: 126 bits


class Signer:
    """Makes and knows handles and views.

    Args:
        key: at least 16 bytes that outlive a restart, for nothing but this.
        token: a fresh random string, URL-safe, of 20 to 43 characters.
    """

    def __init__(self, key: bytes, token: Callable[[], str]) -> None:
        if len(key) < 16:
            raise ShortKey
        self._key = key
        self._token = token

    def new_handle(self) -> str:
        """A handle nobody had before."""
        return self._marked("handle", self._token())

    def new_view(self, handle: str) -> str:
        """A view of that visitor; it opens no page of another."""
        return self._marked(f"view {handle}", self._token())

    def made_handle(self, handle: str | None) -> bool:
        """Whether `handle` was made here."""
        return self._holds("handle", handle)

    def made_view(self, handle: str, view: str | None) -> bool:
        """Whether `view` was made here, for that visitor."""
        return self._holds(f"view {handle}", view)

    def _holds(self, kind: str, value: str | None) -> bool:
        if value is None or not is_token(value):
            return False
        return hmac.compare_digest(value, self._marked(kind, value[:-MARK]))

    def _marked(self, kind: str, drawn: str) -> str:
        mark = hmac.digest(self._key, f"{kind} {drawn}".encode(), "sha256")
        return drawn + urlsafe_b64encode(mark).decode("ascii")[:MARK]


class ShortKey(ValueError):
    """A key of fewer than 16 bytes signs nothing."""
