"""How far was read: an offset only while it is fresh."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.telegram.cursor import Cursor, read_cursor

BOT = 7_000_000_001
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_it_comes_back_as_it_was_stored() -> None:
    cursor = Cursor(BOT, 123, NOW, NOW + timedelta(seconds=9))
    assert read_cursor(cursor.stored(), BOT) == cursor
    assert read_cursor(Cursor.begin(BOT, NOW).stored(), BOT) == Cursor.begin(BOT, NOW)


@pytest.mark.parametrize(
    "stored", [None, "", "17", f"{BOT} x 1 2", f"{BOT} 1 2", f"{BOT} 1 2 x", f"{BOT} - -1 2", "1 2 3"]
)
def test_what_somebody_else_stored_is_none(stored: str | None) -> None:
    assert read_cursor(stored, BOT) is None


def test_after_six_quiet_days_nothing_is_confirmed_any_more() -> None:
    cursor = Cursor(BOT, 123, NOW, NOW)
    assert cursor.offset(NOW + timedelta(days=5)) == 124
    assert cursor.offset(NOW + timedelta(days=7)) is None
    assert cursor.offset(NOW - timedelta(hours=1)) is None  # a clock that was set back tells no age
    assert Cursor.begin(BOT, NOW).offset(NOW) is None


def test_an_empty_answer_says_that_nothing_older_is_there_and_keeps_the_number() -> None:
    later = NOW + timedelta(seconds=30)
    after = Cursor(BOT, 123, NOW, NOW).after(None, later, drained=True)
    assert after == Cursor(BOT, 123, NOW, later)
    assert after.after(200, later, drained=False) == Cursor(BOT, 200, later, later)
    assert Cursor(BOT, 123, NOW, NOW).after(200, later, drained=False) == Cursor(BOT, 200, later, NOW)


def test_another_bots_numbers_confirm_nothing_here() -> None:
    assert read_cursor(Cursor(BOT, 123, NOW, NOW).stored(), BOT + 1) is None
