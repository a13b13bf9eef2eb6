"""What a button brings back: the choice's token with a mark that holds in one chat only.

A tap carries whatever the client sends. The mark (18 bits under a key of ours) tells data we put into
this very chat from data that was copied out of another one. Which token it is a mark of does not matter: in
her own chat she may choose what she likes, and the guide decides what that means. Pure.
"""

import hmac
from base64 import urlsafe_b64encode

REMEMBERED = 4_096  # chats whose mark need not be made anew for each button
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
        self._known: dict[int, str] = {}

    def put(self, chat: int, token: str) -> str:
        """The data of a button in that chat."""
        return token + self._mark(chat)

    def take(self, chat: int, data: str) -> str | None:
        """The token of a tap in that chat; None if we never put that data there."""
        token, mark = data[:-MARK], data[-MARK:]
        if not token or not hmac.compare_digest(mark.encode(), self._mark(chat).encode()):
            return None
        return token

    def _mark(self, chat: int) -> str:
        known = self._known.get(chat)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            digest = hmac.digest(self._key, f"taps in {chat}".encode(), "sha256")
            known = self._known[chat] = urlsafe_b64encode(digest[:3]).decode("ascii")[:MARK]
        return known


class ShortKey(ValueError):
    """A key of fewer than 16 bytes marks nothing."""
