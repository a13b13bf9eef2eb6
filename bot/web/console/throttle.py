"""How often one may try to sign in: per alias and for all together, counted in memory, without addresses."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

PER_ALIAS: Final = (5, 60.0)  # tries at once, seconds until one more is free
OVERALL: Final = (60, 1.0)
MOST_KEPT: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime


@dataclass(slots=True)
class Throttle:
    """Counts tries; the same for an alias that exists and one that does not."""

    _buckets: dict[bytes, _Bucket] = field(default_factory=dict[bytes, _Bucket])
    _all: _Bucket | None = None

    def allow(self, alias: bytes, now: datetime) -> bool:
        """Whether one more try for `alias` (its blind index) may be made now; counts it if so."""
        bucket = self._buckets.get(alias)
        if bucket is None:
            if len(self._buckets) >= MOST_KEPT:
                self._forget_full(now)
            if len(self._buckets) >= MOST_KEPT:
                return False
            bucket = self._buckets[alias] = _Bucket(PER_ALIAS[0], now)
        if self._all is None:
            self._all = _Bucket(OVERALL[0], now)
        _refill(bucket, PER_ALIAS, now)
        _refill(self._all, OVERALL, now)
        if bucket.left < 1 or self._all.left < 1:
            return False
        bucket.left -= 1
        self._all.left -= 1
        return True

    def clear(self, alias: bytes) -> None:
        """Someone signed in: her earlier slips count no more."""
        self._buckets.pop(alias, None)

    def _forget_full(self, now: datetime) -> None:
        for bucket in self._buckets.values():
            _refill(bucket, PER_ALIAS, now)
        kept = {alias: bucket for alias, bucket in self._buckets.items() if bucket.left < PER_ALIAS[0]}
        self._buckets = kept


def _refill(bucket: _Bucket, rate: tuple[int, float], now: datetime) -> None:
    most, seconds = rate
    # A clock set back must not lock anybody out for longer.
    passed = max(0.0, (now - bucket.at).total_seconds())
    bucket.left = min(float(most), bucket.left + passed / seconds)
    bucket.at = now
    if not math.isfinite(bucket.left):
        bucket.left = 0.0
