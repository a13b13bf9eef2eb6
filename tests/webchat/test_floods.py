"""Counting without keeping: floods are told apart, addresses are not remembered, proxies not believed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from channels.webchat.floods import Arrivals, Pace, source_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _arrivals(per_source: int = 3, overall: int = 100) -> Arrivals:
    keys = (f"key{n}" for n in range(1_000))
    return Arrivals(per_source, overall, timedelta(minutes=10), lambda: next(keys))


def test_one_source_over_its_limit_is_a_flood_and_others_are_not() -> None:
    arrivals = _arrivals()
    assert [arrivals.flooded("192.0.2.1", NOON) for _ in range(4)] == [False, False, False, True]
    assert not arrivals.flooded("192.0.2.2", NOON)


def test_a_new_window_forgets_the_flood() -> None:
    arrivals = _arrivals(per_source=1)
    assert [arrivals.flooded("192.0.2.1", NOON) for _ in range(2)] == [False, True]
    assert not arrivals.flooded("192.0.2.1", NOON + timedelta(minutes=10))


def test_many_sources_together_are_a_flood_too() -> None:
    arrivals = _arrivals(overall=5)
    assert [arrivals.flooded(f"192.0.2.{n}", NOON) for n in range(6)] == [False] * 5 + [True]


def test_a_household_with_many_ipv6_addresses_is_one_source() -> None:
    arrivals = _arrivals(per_source=1)
    assert not arrivals.flooded("2001:db8::1", NOON)
    assert arrivals.flooded("2001:db8::ffff", NOON)
    assert not arrivals.flooded("2001:db8:0:1::1", NOON)


def test_no_address_is_in_memory_and_the_key_turns_every_hour() -> None:
    arrivals = _arrivals()
    arrivals.flooded("192.0.2.77", NOON)
    first = set(arrivals._counts)
    assert "192.0.2.77" not in repr(arrivals)
    arrivals.flooded("192.0.2.77", NOON + timedelta(hours=1))
    assert first.isdisjoint(arrivals._counts)


def test_a_pace_is_too_fast_only_while_it_lasts() -> None:
    pace = Pace(limit=2)
    assert [pace.too_fast(NOON) for _ in range(4)] == [False, False, True, True]
    assert not pace.too_fast(NOON + timedelta(seconds=10))


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 5))
def test_nobody_within_the_limit_is_ever_slowed(gaps: list[int], limit: int) -> None:
    pace, now, times = Pace(limit), NOON, list[datetime]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        times.append(now)
        recent = [at for at in times if now - at < timedelta(seconds=10)]
        if len(recent) <= limit:
            assert not pace.too_fast(now)
        else:
            pace.too_fast(now)


@pytest.mark.parametrize(
    ("peer", "forwarded", "source"),
    [
        ("192.0.2.9", "203.0.113.1", "192.0.2.9"),  # not a proxy of ours: not believed
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1"),  # what the client wrote itself is not believed
        ("10.0.0.1", "203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "rubbish", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("local", "203.0.113.1", "local"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: str | None, source: str) -> None:
    assert source_of(peer, forwarded, ("10.0.0.0/8",)) == source
