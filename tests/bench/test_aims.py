"""The bench ends with 1 and says MISSED when something asked for is not reached."""

import pytest

from tests.bench.aims import Aim, ending

REACHED = Aim("CPU per act, x", 1.19, 1.2, least=False)


@pytest.mark.parametrize(
    "missed",
    [
        Aim("CPU per act, x", 1.21, 1.2, least=False),
        Aim("turns per CPU second", 49_999, 50_000),
        Aim("kill to first reply, s", float("nan"), 1.0, least=False),
    ],
)
def test_a_missed_aim_ends_with_one_and_is_said(missed: Aim, capsys: pytest.CaptureFixture[str]) -> None:
    assert ending([REACHED, missed]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert "MISSED" not in first
    assert second.endswith("MISSED")


def test_what_is_reached_ends_with_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending([REACHED, Aim("turns per CPU second", 50_000, 50_000)]) == 0
    assert "MISSED" not in capsys.readouterr().out
