"""The engine on any script an author could write, and on the shipped one: total, bounded, with a way out."""

import json
from dataclasses import replace

from hypothesis import given, settings, strategies as st

from tests.config import shipped
from tests.triage.builders import GRID, OPEN
from triage import engine
from triage.choices import WAITING_KINDS
from triage.effects import EraseAll, HideAll, RequestHandoff, ShareResources, Speak
from triage.gates import gate_step
from triage.model import (
    MAX_STEPS_PER_TURN,
    Ask,
    Branch,
    Callback,
    CheckPhrase,
    Choice,
    End,
    GlobalAction,
    Handoff,
    Hide,
    PickRegion,
    Remember,
    Say,
    Script,
    SetPhrase,
    Share,
    Step,
    StepKind,
    Tag,
    TextEntry,
    Urgency,
)
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

IDS = tuple("abcdefgh")
HERS = (Tapped, Typed, SentMedia, Opened)
TYPED = (
    "hm", "🆘", "?", "", "of her own words, more than three", "x" * 5_000, "Yes", "Romania", "person", "menu",
    "back", "language", "more", "show", "wait", "guide only", "help now", *map(str, range(10)),
)  # fmt: skip
SAFETY = ("alone", "seen", "unsure")


def kinds(ids: tuple[str, ...]) -> st.SearchStrategy[StepKind]:
    """Any step an author could write whose ways lead to steps that exist."""
    target = st.sampled_from(ids)
    answers = st.fixed_dictionaries(
        {},
        optional={
            "safety": st.sampled_from(SAFETY),
            "age_band": st.sampled_from(["adult", "under_18"]),
            "shares": st.sampled_from(["all", "topic"]),
            "topic": st.just("x"),
        },
    )
    names = st.lists(st.sampled_from([f"c{n}" for n in range(8)]), min_size=1, max_size=8, unique=True)
    choices = names.flatmap(
        lambda chosen: st.tuples(*(st.builds(Choice, st.just(n), target, answers) for n in chosen))
    )
    whens = st.sampled_from(
        ["region == RO", "not (age_band in [adult])", "open_now", "minors in on_duty", "topic != x"]
    )
    return st.one_of(
        st.builds(Ask, choices),
        st.builds(Ask, choices),
        st.builds(Say, target),
        st.builds(PickRegion, target, target),
        st.builds(Share, st.sampled_from(["emergency", "child"]), target),
        st.builds(Remember, answers.filter(bool), target),
        st.builds(Branch, st.lists(st.tuples(whens, target), min_size=1, max_size=3).map(tuple), target),
        st.builds(Handoff, target, target, target, target, target),
        st.builds(Callback, target, target),
        st.builds(SetPhrase, target),
        st.builds(CheckPhrase, target, target),
        st.builds(Hide),
        st.builds(End),
    )


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    ids = IDS[: draw(st.integers(1, len(IDS)))]
    tags = st.frozensets(st.sampled_from([*map(str, Tag), "card.x"]), max_size=3)
    urgency = st.sampled_from([None, *Urgency])
    steps = {name: Step(name, draw(kinds(ids)), draw(tags), draw(urgency)) for name in ids}
    languages = draw(st.sampled_from([("en",), ("en", "ro"), ("ro", "en", "cs")]))
    labels = st.dictionaries(
        st.sampled_from([f"{name}.{part}" for name in ids for part in ("text", "c0", "c1")]),
        st.builds(TextEntry, st.sampled_from(["Yes", "hm", "Romania", "{hide} {nobody}"])),
    )
    return Script(
        "any", draw(st.sampled_from(ids)), languages, steps, {tag: draw(labels) for tag in languages}
    )


def tokens(script: Script) -> list[str]:
    own = [f"{s.id}.{c.id}" for s in script.steps.values() if isinstance(s.kind, Ask) for c in s.kind.choices]
    ways = [f"{name}.{end}" for name in script.steps for end in ("agreed", "refused", "skip", "next")]
    marks = [f"!{action}" for action in GlobalAction]
    others = [
        "!return",
        "!leave",
        "!next",
        "!about_hiding",
        "region.RO",
        "region.XX",
        "language.ro",
        "grid.3",
    ]
    return sorted({*own, *ways, *marks, *others})


def replies(script: Script) -> st.SearchStrategy[Reply]:
    return st.one_of(
        st.sampled_from(tokens(script)).map(Tapped),
        st.sampled_from(TYPED).map(Typed),
        st.text(max_size=20).map(Typed),
        st.text(max_size=20).map(Tapped),
        st.just(SentMedia()),
        st.just(Opened()),
        st.sampled_from(list(HandoffNews)).map(HandoffOutcome),
        st.booleans().map(PhraseOutcome),
    )


moments = st.sampled_from(
    [
        OPEN,
        replace(OPEN, open_now=False, on_duty=frozenset({"minors"}), client_language="ro"),
        replace(OPEN, regions=(), region_names={}, grid={}),
        replace(OPEN, grid={"ro": GRID["ro"]}),
        Surroundings("telegram"),
    ]
)


def turned(script: Script, run: Run, reply: Reply, around: Surroundings) -> Run:
    """One turn, with what must hold of every turn on every script."""
    turn = engine.resume(script, run, reply, around)
    assert turn == engine.resume(script, run, reply, around)
    assert len(turn.effects) <= 3 * MAX_STEPS_PER_TURN
    assert turn.run.step in script.steps
    assert turn.run.language in script.languages
    assert Run.from_plain(json.loads(json.dumps(turn.run.to_plain()))) == turn.run
    if isinstance(reply, HERS):
        assert turn.effects, f"no answer to {reply} at {run}"
    needed = {tag for tag in (Tag.SAFE_CHECK, Tag.NOTICE) if gate_step(script, tag) is not None}
    for effect in turn.effects:
        if isinstance(effect, RequestHandoff):
            assert needed <= turn.run.passed
        if isinstance(effect, Speak) and effect.choices:
            digits = [choice.digit for choice in effect.choices]
            assert len(set(digits)) == len(digits)
            assert digits[-2:] == ["9", "0"]
            assert all(len(choice.token.encode()) <= 60 for choice in effect.choices)
    offered = engine.offered(script, turn.run, around)
    assert turn.run.over or not offered or {"9", "0"} <= {choice.digit for choice in offered}
    return turn.run


def gets_out(script: Script, run: Run, around: Surroundings) -> None:
    """Hide, stop and help now work wherever she is."""
    for word in ("hide", "9"):
        assert engine.resume(script, run, Typed(word), around).effects == (HideAll(),), word
    assert engine.resume(script, run, Tapped("!hide"), around).effects == (HideAll(),)
    assert engine.resume(script, run, Tapped("!stop"), around).effects == (EraseAll(),)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_script_answers_anything_in_any_order(data: st.DataObject) -> None:
    script = data.draw(scripts())
    run = engine.start(script, None, OPEN).run
    around = OPEN
    for _ in range(data.draw(st.integers(1, 15))):
        around = data.draw(moments)
        run = turned(script, run, data.draw(replies(script)), around)
    gets_out(script, run, replace(around, words=OPEN.words))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_the_shipped_script_answers_anything_in_any_order(data: st.DataObject) -> None:
    script = shipped.script()
    own = replies(script)
    run = engine.start(script, None, shipped.around()).run
    for _ in range(data.draw(st.integers(1, 40))):
        changes = {
            "open_now": data.draw(st.booleans()),
            "on_duty": frozenset(data.draw(st.sets(st.just("minors")))),
        }
        around = replace(shipped.around(), **changes)
        offered = engine.offered(script, run, around)
        near = st.sampled_from([Tapped(one.token) for one in offered]) if offered else own
        run = turned(script, run, data.draw(st.one_of(near, near, near, own)), around)
        step = script.steps[run.step]
        assert run.over or isinstance(step.kind, WAITING_KINDS)
    around = shipped.around()
    gets_out(script, run, around)
    urgent = engine.resume(script, run, Typed("ajutor"), around)
    assert any(isinstance(one, ShareResources) and one.need == "emergency" for one in urgent.effects)
