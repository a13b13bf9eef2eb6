"""How far was read: an offset only while it is fresh."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.telegram.cursor import Cursor, read_cursor

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_it_comes_back_as_it_was_stored() -> None:
    cursor = Cursor(123, NOW, NOW + timedelta(seconds=9))
    assert read_cursor(cursor.stored()) == cursor
    assert read_cursor(Cursor.begin(NOW).stored()) == Cursor.begin(NOW)


@pytest.mark.parametrize("stored", [None, "", "17", "x 1 2", "1 2", "1 2 x", "- -1 2", "1 2 3 4"])
def test_what_somebody_else_stored_is_none(stored: str | None) -> None:
    assert read_cursor(stored) is None


def test_after_six_quiet_days_nothing_is_confirmed_any_more() -> None:
    cursor = Cursor(123, NOW, NOW)
    assert cursor.offset(NOW + timedelta(days=5)) == 124
    assert cursor.offset(NOW + timedelta(days=7)) is None
    assert cursor.offset(NOW - timedelta(hours=1)) is None  # a clock that was set back tells no age
    assert Cursor.begin(NOW).offset(NOW) is None


def test_an_empty_answer_says_that_nothing_older_is_there_and_keeps_the_number() -> None:
    later = NOW + timedelta(seconds=30)
    after = Cursor(123, NOW, NOW).after(None, later, drained=True)
    assert after == Cursor(123, NOW, later)
    assert after.after(200, later, drained=False) == Cursor(200, later, later)
    assert Cursor(123, NOW, NOW).after(200, later, drained=False) == Cursor(200, later, NOW)
