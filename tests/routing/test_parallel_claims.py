"""Fifty claim at once, twenty times, on each database; `./dev faults claims` does it two hundred times."""

import pytest

from tests.routing.rounds import parallel_claims
from tests.town import Town

pytestmark = pytest.mark.long


async def test_fifty_claims_at_once_have_one_winner_a_chat_and_nobody_too_much(
    either_town: Town,
) -> None:
    found = await parallel_claims(either_town, claimers=50, rounds=20)
    assert found.faults == []
    # Fifteen rounds in which all four are taken, five in which two people have one place each.
    assert 60 + 5 <= found.endings["won"] <= 60 + 10
    assert found.endings["CAPACITY"] > 0
    assert found.endings.total() == 1_000
