"""Modules that must hold at the end of a shift, and what rests on them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from handoff.model import Refusal, Tier
from handoff.training import Completion, Module, Training, lacking, lapsed_skills
from tests.handoff.builders import utc

BUCHAREST = ZoneInfo("Europe/Bucharest")
PASSED = Completion("listening", date(2026, 1, 10), date(2026, 5, 5))


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        (utc(2026, 5, 4, 12), {}),
        (utc(2026, 5, 4, 21), {}),  # midnight in Bucharest: nothing of the 5th is worked
        (utc(2026, 5, 4, 21, 1), {"listening": Refusal.CERT_EXPIRED}),
        (utc(2026, 5, 6), {"listening": Refusal.CERT_EXPIRED}),
        (utc(2026, 1, 9), {"listening": Refusal.CERT_EXPIRED}),  # not passed yet then
    ],
)
def test_the_gate_holds_at_the_shifts_end(ends: datetime, why: dict[str, Refusal]) -> None:
    assert lacking({"listening"}, [PASSED], ends, BUCHAREST) == why


def test_what_was_never_passed_is_missing_and_a_later_pass_counts() -> None:
    ends = utc(2026, 5, 6)
    assert lacking({"suicide"}, [PASSED], ends, BUCHAREST) == {"suicide": Refusal.MODULE_MISSING}
    again = Completion("listening", date(2026, 5, 1), None)
    assert lacking({"listening"}, [PASSED, again], ends, BUCHAREST) == {}
    assert lacking((), [], ends, BUCHAREST) == {}


@pytest.mark.parametrize(
    ("months", "passed", "lapses"),
    [
        (12, date(2026, 2, 10), date(2027, 2, 10)),
        (1, date(2026, 1, 31), date(2026, 2, 28)),
        (12, date(2024, 2, 29), date(2025, 2, 28)),
        (11, date(2026, 12, 31), date(2027, 11, 30)),
        (None, date(2026, 2, 10), None),
    ],
)
def test_a_module_lapses_after_its_months(months: int | None, passed: date, lapses: date | None) -> None:
    assert Module("m", "M", months).lapses_on(passed) == lapses


def test_tier_role_and_skill_each_ask_for_their_own() -> None:
    training = Training(
        for_tier={Tier.PRIMARY: frozenset({"a"})},
        for_role={"supervisor": frozenset({"b"})},
        for_skill={"minors": frozenset({"c"})},
    )
    assert training.needed(Tier.PRIMARY, ["supervisor", "volunteer"]) == {"a", "b"}
    assert training.needed(Tier.BACKUP) == frozenset()
    held = [Completion("c", date(2026, 1, 1), date(2026, 6, 1))]
    skills = {"minors": 5, "tech": 5}
    assert lapsed_skills(skills, training, held, date(2026, 5, 31)) == frozenset()
    assert lapsed_skills(skills, training, held, date(2026, 6, 1)) == {"minors"}
    assert lapsed_skills(skills, training, [], date(2026, 5, 1)) == {"minors"}
