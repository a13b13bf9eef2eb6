"""The mark on a button: it fits, it holds in one chat only, it needs a key."""

import pytest
from hypothesis import given, strategies as st

from channels.telegram.marks import Marks, ShortKey

MARKS = Marks(b"k" * 32)


@given(st.integers(1, 2**53), st.text(min_size=1, max_size=60).filter(lambda t: len(t.encode()) <= 60))
def test_what_was_put_is_taken_and_fits_into_64_bytes(chat: int, token: str) -> None:
    data = MARKS.put(chat, token)
    assert len(data.encode()) <= 64
    assert MARKS.take(chat, data) == token
    assert Marks(b"another key of 32 bytes, at least").take(chat, data) in (None, token)


def test_in_other_chats_and_under_other_keys_it_opens_nothing() -> None:
    data = MARKS.put(1, "hello.yes")
    others = [chat for chat in range(2, 20_000) if MARKS.take(chat, data) is not None]
    assert len(others) <= 3  # 18 bits: one in 262,144
    with pytest.raises(ShortKey):
        Marks(b"short")
