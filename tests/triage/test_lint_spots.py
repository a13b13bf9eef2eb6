"""The linter knows every place the engine can bring her to: walked at random, it is found nowhere else."""

import random

import pytest

from tests.broken_scripts import loading
from tests.config import shipped
from tests.triage.builders import LINE, OPEN
from triage import engine
from triage.effects import OfferedChoice
from triage.lint.spots import Spot, Spots
from triage.model import GRID_ROUNDS, Script
from triage.run import HandoffNews, HandoffOutcome, PhraseOutcome, Reply, Run, Surroundings, Tapped, Typed

GATES = {"safe_check", "notice"}
SCRIPTS = [
    pytest.param(shipped.script(), shipped.around(), id="default"),
    pytest.param(loading.script(), shipped.around(), id="clean"),
    pytest.param(LINE, OPEN, id="line"),
]
WORDS = ("person", "menu", "help now", "of her own words", "🆘", "7")


def place(run: Run) -> Spot:
    return Spot(run.step, frozenset(map(str, run.passed & GATES)), None if run.over else run.goal)


def known(script: Script) -> set[Spot]:
    return {Spot(spot.step, frozenset(spot.passed & GATES), spot.goal) for spot in Spots(script).from_start}


def reply(dice: random.Random, run: Run, offered: tuple[OfferedChoice, ...]) -> Reply:
    own = [choice.token for choice in offered if choice.token not in {"!hide", "!stop", "!back"}]
    if len(run.grid) == GRID_ROUNDS:
        return PhraseOutcome(found=dice.random() < 0.5)
    if run.handoff and dice.random() < 0.3:
        return HandoffOutcome(dice.choice(list(HandoffNews)))
    if own and dice.random() < 0.85:
        return Tapped(dice.choice(own))
    return Typed(dice.choice(WORDS))


@pytest.mark.parametrize(("script", "around"), SCRIPTS)
def test_the_engine_is_found_only_where_the_linter_looks(script: Script, around: Surroundings) -> None:
    spots = known(script)
    dice = random.Random("spots")
    for _ in range(400):
        run = engine.start(script, None, around).run
        for _ in range(30):
            if run.over:
                break
            assert place(run) in spots, place(run)
            run = engine.resume(
                script, run, reply(dice, run, engine.offered(script, run, around)), around
            ).run


def test_a_way_is_told_as_she_would_walk_it() -> None:
    spots = Spots(loading.script())
    notice = next(spot for spot in spots.from_start if spot.step == "notice" and spot.goal is None)
    assert spots.way(notice) == "hello.go, safe_check.alone"
    consent = min((s for s in spots.from_start if s.step == "consent"), key=lambda s: spots.from_start[s])
    assert spots.way(consent) == "hello.go, safe_check.alone, notice.person"
    asked = next(spot for spot in spots.from_start if spot.step == "safe_check" and spot.goal == "person")
    assert spots.way(asked) == "`person`"


def test_the_word_person_takes_four_acts_to_the_queue() -> None:
    for script in (shipped.script(), loading.script()):
        spots = Spots(script)
        assert min(acts for spot, acts in spots.from_start.items() if spot.step == "queue") == 4


def test_no_person_is_asked_for_before_gates_limit_and_consent() -> None:
    spots = Spots(shipped.script())
    queues = [spot for spot in spots.from_start if spot.step in {"queue", "minor_queue"}]
    assert queues
    assert all(spot.passed >= {"safe_check", "notice", "limit"} for spot in queues)
