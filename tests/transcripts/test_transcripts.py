"""The scenarios give the transcripts that were read by eye. `python -m tests.golden` writes them anew."""

import pytest

from tests.transcripts.scenarios import Scenario, played, scenarios

ALL = scenarios()


@pytest.mark.parametrize("scenario", ALL, ids=[one.name for one in ALL])
def test_a_scenario_gives_its_transcript(scenario: Scenario) -> None:
    assert played(scenario) == scenario.golden.read_text(encoding="utf-8")


def test_every_transcript_has_its_scenario() -> None:
    assert {one.golden.name for one in ALL} == {file.name for file in ALL[0].golden.parent.glob("*.txt")}
