"""What a button brings back: the choice's token with a mark that holds in one chat only.

A tap carries whatever the client sends. The mark (18 bits under a key of ours) tells data we put into this
very chat from data that was copied out of another one. Pure.
"""

import hmac
from base64 import urlsafe_b64encode

MARK = 3  # characters; with a token of at most 60 bytes within Telegram's 64


class Marks:
    """Marks tokens and knows marked ones.

    Args:
        key: at least 16 bytes that outlive a restart, for nothing but this.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ShortKey
        self._key = key

    def put(self, chat: int, token: str) -> str:
        """The data of a button in that chat."""
        return token + self._mark(chat, token)

    def take(self, chat: int, data: str) -> str | None:
        """The token of a tap in that chat; None if we never put that data there."""
        token, mark = data[:-MARK], data[-MARK:]
        if not token or not hmac.compare_digest(mark.encode(), self._mark(chat, token).encode()):
            return None
        return token

    def _mark(self, chat: int, token: str) -> str:
        digest = hmac.digest(self._key, f"tap {chat} {token}".encode(), "sha256")
        return urlsafe_b64encode(digest[:3]).decode("ascii")[:MARK]


class ShortKey(ValueError):
    """A key of fewer than 16 bytes marks nothing."""
