"""Conditions of branches: the only language an author writes, and what it may not do."""

import pytest
from hypothesis import given, strategies as st

from triage.conditions import (
    MAX_DEPTH,
    MAX_LENGTH,
    Both,
    Comparison,
    Condition,
    ConditionFault,
    Either,
    Facts,
    Negation,
    holds,
    keys_of,
    parse,
)

FACTS = Facts(
    answers={"region": "RO", "role": "self", "age_band": "adult"},
    channel="web",
    language="ro",
    open_now=True,
    on_duty=frozenset({"volunteer", "minors"}),
)


def condition(text: str) -> Condition:
    parsed = parse(text)
    assert not isinstance(parsed, ConditionFault), parsed
    return parsed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("region == RO", True),
        ("region == LT", False),
        ("region != LT", True),
        ("region in [RO, LT]", True),
        ("region in ['CZ', \"LT\"]", False),
        ("channel == web", True),
        ("language == ro and channel == web", True),
        ("language == en or channel == web", True),
        ("not language == en", True),
        ("not not channel == web", True),
        ("open_now", True),
        ("open_now == yes", True),
        ("open_now == true", True),
        ("open_now == no", False),
        ("open_now != no", True),
        ("on_duty == minors", True),
        ("minors in on_duty", True),
        ("'minors' in on_duty", True),
        ("on_duty in [supervisor, minors]", True),
        ("supervisor in on_duty", False),
        ("on_duty != supervisor", True),
        ("on_duty != minors", False),
        ("region == LT or role == self and channel == matrix", False),
        ("(region == RO or role == other) and channel == web", True),
        ("not (region == RO and role == other)", True),
        ("region==RO", True),
        ("  region   ==  RO  ", True),
    ],
)
def test_a_condition_means_what_it_says(text: str, *, expected: bool) -> None:
    assert holds(condition(text), FACTS) is expected


@pytest.mark.parametrize("text", ["topic == close", "topic != close", "topic in [close]"])
def test_what_was_never_remembered_decides_nothing(text: str) -> None:
    assert holds(condition(text), FACTS) is False


def test_nobody_on_duty_is_known_to_be_nobody() -> None:
    assert holds(condition("on_duty != minors"), Facts(answers={})) is True
    assert holds(condition("minors in on_duty"), Facts(answers={})) is False


def test_and_binds_closer_than_or_and_not_closer_than_and() -> None:
    parsed = condition("a == 1 or b == 2 and not c == 3")
    assert parsed == Either(
        (
            Comparison("a", frozenset({"1"})),
            Both((Comparison("b", frozenset({"2"})), Negation(Comparison("c", frozenset({"3"}))))),
        )
    )
    assert list(keys_of(parsed)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("", 0, "expected a remembered key"),
        ("region", 6, "expected `==`"),
        ("region ==", 9, "expected a code"),
        ("region == RO and", 16, "expected a remembered key"),
        ("region = RO", 7, "no meaning"),
        ("(region == RO", 13, "not closed"),
        ("region in [RO", 13, "not closed"),
        ("region in RO", 10, "a list such as"),
        ("region in []", 11, "expected a code"),
        ("region == RO LT", 13, "expected `and`"),
        ("region == RO; drop", 12, "no meaning"),
        ("__import__('os')", 10, "expected `==`"),
        ("region == 'RO", 10, "no meaning"),
        ("not", 3, "expected a remembered key"),
        ("a == and", 5, "expected a code"),
    ],
)
def test_what_is_no_condition_is_told_with_its_place(text: str, position: int, part: str) -> None:
    parsed = parse(text)
    assert isinstance(parsed, ConditionFault)
    assert part in parsed.message
    assert parsed.position == position


def test_depth_and_length_are_bounded() -> None:
    assert isinstance(parse("(" * MAX_DEPTH + "a == 1" + ")" * MAX_DEPTH), ConditionFault)
    assert isinstance(parse("not " * (MAX_DEPTH + 1) + "a == 1"), ConditionFault)
    assert isinstance(parse("a == " + "b" * MAX_LENGTH), ConditionFault)
    assert not isinstance(parse(" and ".join(["(a == 1)"] * 35)), ConditionFault)


@given(st.text(alphabet="ab =!()[],'\"andornti", max_size=60))
def test_any_text_is_parsed_or_refused_with_a_place_inside_it(text: str) -> None:
    parsed = parse(text)
    if isinstance(parsed, ConditionFault):
        assert 0 <= parsed.position <= len(text)
        assert parsed.message
    else:
        assert holds(parsed, FACTS) in {True, False}
