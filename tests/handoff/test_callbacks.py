"""Hours that may be promised, whether the rota still staffs them, and when each is looked at."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from handoff.callbacks import (
    A_DAY,
    AHEAD,
    LONGEST,
    NOT_BEFORE,
    SHORTEST,
    Hours,
    Look,
    hours_to_offer,
    is_staffed,
    look,
)

NOW = datetime(2026, 11, 18, 10, 7, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Bucharest")


def at(hour: float, day: int = 0) -> datetime:
    return NOW.replace(hour=0, minute=0) + timedelta(days=day, hours=hour)


def offered(*spans: tuple[datetime, datetime]) -> list[tuple[datetime, datetime]]:
    return [(one.start, one.end) for one in hours_to_offer(spans, NOW, ZONE)]


def test_hours_begin_on_a_quarter_an_hour_away_at_the_earliest_and_last_two() -> None:
    assert offered((at(9), at(16))) == [(at(11.25), at(13.25)), (at(13.25), at(15.25))]


def test_a_rest_of_a_shift_shorter_than_an_hour_is_no_promise() -> None:
    assert offered((at(14), at(14.9))) == []
    assert offered((at(14), at(17.5)))[-1] == (at(16), at(17.5))
    assert offered((at(14), at(16.5))) == [(at(14), at(16))]


def test_two_of_a_day_by_the_desks_clock_and_none_past_a_week() -> None:
    found = offered(*((at(6, day), at(22, day)) for day in range(9)))
    assert len(found) == 2 * 8  # a week from the middle of a day meets eight days
    assert found[-1][1] <= NOW + AHEAD


instants = st.integers(0, 12 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(st.lists(st.tuples(instants, st.integers(1, 3000)), max_size=8))
def test_whatever_is_offered_lies_within_what_is_answered(drawn: list[tuple[datetime, int]]) -> None:
    spans = [(start, start + timedelta(minutes=lasts)) for start, lasts in drawn]
    days: dict[object, int] = {}
    for one in hours_to_offer(spans, NOW, ZONE):
        assert any(start <= one.start and one.end <= end for start, end in spans)
        assert one.start >= NOW + NOT_BEFORE
        assert one.end <= NOW + AHEAD
        assert SHORTEST <= one.end - one.start <= LONGEST
        assert one.start.minute % 15 == 0
        assert is_staffed(spans, one, NOW)
        day = one.start.astimezone(ZONE).date()
        days[day] = days.get(day, 0) + 1
    assert all(count <= A_DAY for count in days.values())


def test_a_promise_is_staffed_only_while_one_stretch_covers_what_is_left_of_it() -> None:
    hours = Hours(at(12), at(14))
    assert is_staffed([(at(11), at(14))], hours, NOW)
    assert not is_staffed([(at(11), at(13.9))], hours, NOW)
    assert not is_staffed([(at(11), at(13)), (at(13.5), at(16))], hours, NOW)
    assert is_staffed([(at(13.5), at(16))], hours, at(13.6))  # what has passed lacks nobody any more


def test_each_look_names_what_is_the_case_and_when_the_next_one_is() -> None:
    hours = Hours(at(12), at(14))
    seen, moment = [], NOW
    while True:
        found, again = look(hours, moment)
        seen.append((found, again))
        if again is None:
            break
        moment = again
    assert seen == [
        (Look.EARLY, at(12)),
        (Look.DUE, at(13)),
        (Look.REMINDED, at(13.5)),
        (Look.ALARM, at(14)),
        (Look.MISSED, None),
    ]
