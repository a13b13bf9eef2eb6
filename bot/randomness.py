"""Random bytes for what is public anyway: nonces and ids. Asking the system costs more than using the answer.

Keys, tokens and codes are drawn from the system one by one; they never pass through here.
"""

import os
import threading

BLOCK = 4_096


class RandomBytes:
    """Bytes of the system's secure source, drawn in blocks; each is given out once, also between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._block = b""
        self._used = 0

    def take(self, count: int) -> bytes:
        """Return `count` bytes nobody had before; at most BLOCK."""
        with self._lock:
            end = self._used + count
            if end > len(self._block):
                self._block, end = os.urandom(BLOCK), count
            taken = self._block[end - count : end]
            self._used = end
        return taken

    def forget(self) -> None:
        """Draw anew: a child process must not give out what its parent gives out."""
        self._lock = threading.Lock()
        self._block, self._used = b"", 0


_shared = RandomBytes()
os.register_at_fork(after_in_child=_shared.forget)


def public_random(count: int) -> bytes:
    """Return `count` random bytes, at most BLOCK, for what is no secret."""
    return _shared.take(count)
