"""Counting arrivals and acts so that a flood is slowed and nobody is turned away. Pure.

A source's address is counted under an HMAC whose key is random and changes every hour; the address
itself is neither kept nor written anywhere, and old counts die with their key.
"""

import hmac
import ipaddress
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEY_LIFE = timedelta(hours=1)
BREATH = timedelta(seconds=0.5)  # between the acts of a page that is too fast
MAX_SOURCES = 100_000  # told apart in one window; past that only the overall limit speaks


@dataclass(slots=True)
class Arrivals:
    """New pages per source and overall, in windows of `window`.

    Attributes:
        per_source: pages one source may open in a window before it is called a flood. Generous: a
            shelter, a mobile network or a library is one source.
        overall: pages all sources together may open in a window.
        window: length of a window.
        make_key: a fresh random string for the counter's key.
    """

    per_source: int
    overall: int
    window: timedelta
    make_key: Callable[[], str]
    _key: bytes = b""
    _key_since: datetime | None = None
    _window_since: datetime | None = None
    _counts: dict[bytes, int] = field(default_factory=dict[bytes, int])
    _total: int = 0

    def flooded(self, source: str, now: datetime, *, returning: bool = False) -> bool:
        """Count one arrival from `source`; True if it is over a limit.

        A page `returning` after a restart is no new one: the overall limit leaves it alone.
        """
        self._turn(now)
        place = hmac.digest(self._key, _network(source).encode(), "sha256")[:16]
        count = self._counts.get(place, 0) + 1
        if count > 1 or len(self._counts) < MAX_SOURCES:
            self._counts[place] = count
        if returning:
            return count > self.per_source
        self._total += 1
        return count > self.per_source or self._total > self.overall

    def _turn(self, now: datetime) -> None:
        """A new window forgets all counts; a new hour forgets the key."""
        if self._key_since is None or now - self._key_since >= KEY_LIFE:
            self._key, self._key_since, self._window_since = self.make_key().encode(), now, None
        if self._window_since is None or now - self._window_since >= self.window:
            self._window_since, self._total = now, 0
            self._counts.clear()


def _network(source: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 an IPv6 address lies in."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


@dataclass(slots=True)
class Pace:
    """How fast one page acts: more than `limit` acts within `span` is a flood."""

    limit: int
    span: timedelta = timedelta(seconds=10)
    _at: deque[datetime] = field(default_factory=deque[datetime])
    _last: datetime | None = None

    def too_fast(self, now: datetime) -> bool:
        """Count one act; True if it is one too many."""
        self._forget(now)
        self._last = now
        if len(self._at) < self.limit + 1:  # no more need be remembered to answer the question
            self._at.append(now)
        return len(self._at) > self.limit

    def rests(self, now: datetime) -> bool:
        """Whether the page is over its limit and acted a breath ago: its next act waits. Counts nothing."""
        self._forget(now)
        if len(self._at) < self.limit or self._last is None:
            return False
        return timedelta() <= now - self._last < BREATH

    def _forget(self, now: datetime) -> None:
        while self._at and now - self._at[0] >= self.span:
            self._at.popleft()


def source_of(peer: str, forwarded: str | None, trusted: tuple[str, ...]) -> str:
    """The address to count: the peer's, or what a trusted proxy says of it.

    X-Forwarded-For is read from its end, past further trusted proxies, and only if the peer itself is
    trusted; anything unreadable leaves the last address that was believed.
    """
    networks = [ipaddress.ip_network(one, strict=False) for one in trusted]
    believed = peer
    for hop in reversed((forwarded or "")[-1_024:].split(",")):
        if not _within(believed, networks):
            break
        try:
            believed = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            break
    return believed


def _within(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
