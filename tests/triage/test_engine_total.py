"""Whatever she does, in whatever order: the engine answers within bounds, and the way out is always there."""

import json
import random
from dataclasses import replace

from hypothesis import given, settings, strategies as st

from tests.triage.builders import GRID, LINE, OPEN, REGIONS, Talk, script_from
from triage import engine
from triage.choices import WAITING_KINDS
from triage.effects import (
    EraseAll,
    HideAll,
    RequestHandoff,
    ShareResources,
    Speak,
)
from triage.model import MAX_STEPS_PER_TURN, GlobalAction, Script
from triage.run import (
    HandoffNews,
    HandoffOutcome,
    Opened,
    PhraseOutcome,
    Reply,
    Run,
    SentMedia,
    Surroundings,
    Tapped,
    Typed,
)

OWN = {
    f"{step.id}.{choice.id}" for step in LINE.steps.values() for choice in getattr(step.kind, "choices", ())
}
OTHERS = {
    "callback.a", "callback.z", "callback.refused",
    "places.skip", "places.next", "!next", "!return", "!leave",
}  # fmt: skip
TOKENS = sorted(
    OWN
    | OTHERS
    | {f"!{action}" for action in GlobalAction}
    | {f"region.{code}" for code in REGIONS}
    | {f"grid.{digit}" for digit in range(10)}
    | {"language.en", "language.ro", "language.xx"}
)
WORDS = [
    "person",
    "menu",
    "back",
    "language",
    "more",
    "show",
    "wait",
    "guide only",
    "help now",
    "meniu",
    "Romania",
    "Yes",
]
LINES = [
    "hm",
    "🆘",
    "?",
    "",
    "I wrote a long letter about all of it",
    "x" * 5000,
    *map(str, range(10)),
    *WORDS,
]

replies: st.SearchStrategy[Reply] = st.one_of(
    st.sampled_from(TOKENS).map(Tapped),
    st.sampled_from(LINES).map(Typed),
    st.text(max_size=30).map(Typed),
    st.text(max_size=30).map(Tapped),
    st.just(SentMedia()),
    st.just(Opened()),
    st.sampled_from(list(HandoffNews)).map(HandoffOutcome),
    st.booleans().map(PhraseOutcome),
)
moments = st.sampled_from(
    [
        OPEN,
        replace(OPEN, open_now=False, client_language="ro"),
        replace(OPEN, regions=(), region_names={}),
        replace(OPEN, grid={}),
        replace(OPEN, grid={"ro": GRID["ro"]}),
        Surroundings("telegram"),
    ]
)
HERS = (Tapped, Typed, SentMedia, Opened)


def check(script: Script, run: Run, reply: Reply, around: Surroundings) -> Run:
    """One turn, with what must hold of every turn."""
    turn = engine.resume(script, run, reply, around)
    again = engine.resume(script, run, reply, around)
    assert turn == again
    assert len(turn.effects) <= 2 * MAX_STEPS_PER_TURN
    assert turn.run.step in script.steps
    assert turn.run.language in script.languages
    assert len(turn.run.trail) <= 20
    assert Run.from_plain(json.loads(json.dumps(turn.run.to_plain()))) == turn.run
    if isinstance(reply, HERS):
        assert turn.effects, f"no answer to {reply} at {run}"
    for effect in turn.effects:
        if isinstance(effect, RequestHandoff):
            assert {"safe_check", "notice"} <= turn.run.passed
        if isinstance(effect, Speak) and effect.choices:
            digits = [choice.digit for choice in effect.choices]
            assert len(set(digits)) == len(digits)
            assert digits[-2:] == ["9", "0"]
            assert all(choice.token and (choice.key or choice.label) for choice in effect.choices)
            assert all(len(choice.token.encode()) <= 60 for choice in effect.choices)
    return turn.run


@given(st.lists(st.tuples(replies, moments), max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_replies_in_any_order_are_answered(acts: list[tuple[Reply, Surroundings]]) -> None:
    run = engine.start(LINE, None, OPEN).run
    for reply, around in acts:
        run = check(LINE, run, reply, around)


def wandering(seed: int, steps: int) -> Run:
    """Where a wanderer who mostly taps what is offered has come to."""
    dice = random.Random(seed)
    talk = Talk()
    for _ in range(steps):
        offered = engine.offered(LINE, talk.run, OPEN)
        if talk.run.over:
            talk.types("hello")
        elif dice.random() < 0.15:
            talk.hears(dice.choice(list(HandoffNews)))
        elif offered and dice.random() < 0.9:
            talk.taps(dice.choice([choice.token for choice in offered if choice.token != "!hide"]))
        else:
            talk.types(dice.choice(LINES))
    return talk.run


wanderers = st.builds(wandering, st.integers(0, 10_000), st.integers(0, 30))


@given(wanderers, st.sampled_from(["hide", "Ascunde!", "9"]))
@settings(max_examples=150, deadline=None)
def test_hide_works_everywhere(run: Run, word: str) -> None:
    turn = engine.resume(LINE, run, Typed(word), OPEN)
    assert turn.effects == (HideAll(),)
    assert turn.run.over
    assert engine.resume(LINE, run, Tapped("!hide"), OPEN).effects == (HideAll(),)


@given(wanderers)
@settings(max_examples=100, deadline=None)
def test_stop_works_everywhere(run: Run) -> None:
    for reply in (Typed("stop"), Tapped("!stop")):
        turn = engine.resume(LINE, run, reply, OPEN)
        assert turn.effects == (EraseAll(),)
        assert turn.run.over


@given(wanderers)
@settings(max_examples=100, deadline=None)
def test_the_emergency_card_is_one_act_away_everywhere(run: Run) -> None:
    for reply in (Typed("help now"), Tapped("!help_now")):
        turn = engine.resume(LINE, run, reply, OPEN)
        assert any(isinstance(e, ShareResources) and e.need == "emergency" for e in turn.effects)
        assert turn.run.step == "after_emergency"


@given(wanderers)
@settings(max_examples=100, deadline=None)
def test_a_person_is_at_most_five_acts_away_everywhere(run: Run) -> None:
    talk = Talk(run=run).types("person")
    for _ in range(5):
        if talk.run.handoff is not None:
            return
        way = {"hello": "yes", "safe": "no", "notice2": "ok", "notice3": "ok", "consent": "yes"}
        talk.taps(f"{talk.run.step}.{way.get(talk.run.step, '')}")
    raise AssertionError(f"no person from {run}: now at {talk.run}")


@given(wanderers)
@settings(max_examples=100, deadline=None)
def test_nobody_is_ever_left_at_a_step_that_does_not_wait(run: Run) -> None:
    step = LINE.steps[run.step]
    assert run.over or isinstance(step.kind, WAITING_KINDS) or (run.live and run.step == "live")


@given(wanderers, replies)
@settings(max_examples=200, deadline=None)
def test_the_engine_answers_at_every_place(run: Run, reply: Reply) -> None:
    check(LINE, run, reply, OPEN)


CIRCLE = script_from(
    """
    spec: 1
    id: circle
    start: a
    languages: [en]
    steps:
      a: {ask: {choices: [{id: go, to: b}]}}
      b: {say: {}, to: c}
      c: {remember: {topic: x}, to: b}
    """,
    languages=("en",),
)


def test_an_automatic_circle_ends_and_offers_a_person() -> None:
    talk = Talk(CIRCLE).taps("a.go")
    assert len(talk.effects) <= 2 * MAX_STEPS_PER_TURN
    assert "!person" in talk.tokens
    assert talk.run.step == "a"


@given(st.lists(replies, max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_script_that_is_only_a_circle_is_survived(acts: list[Reply]) -> None:
    script = replace(CIRCLE, start="b")
    run = engine.start(script, None, OPEN).run
    for reply in acts:
        turn = engine.resume(script, run, reply, OPEN)
        assert len(turn.effects) <= 2 * MAX_STEPS_PER_TURN
        run = turn.run
    assert engine.resume(script, run, Typed("hide"), OPEN).effects == (HideAll(),)
