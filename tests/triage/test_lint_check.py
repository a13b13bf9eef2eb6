"""The whole linter: its order, and that no script, however broken, can break it."""

import random

from hypothesis import given, settings, strategies as st

from tests.broken_scripts import loading
from triage.lint.check import check
from triage.model import (
    Ask,
    Branch,
    Callback,
    CheckPhrase,
    Choice,
    End,
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

ODD = "aZ é?؟;!{}19 .,\n'*\u0301👋"
IDS = ("a", "b", "c", "d", "nowhere")
target = st.sampled_from(IDS)
answers = st.dictionaries(
    st.sampled_from(["role", "topic", "age_band", "safety"]), st.sampled_from(["own", "x", "under_18"])
)
choice = st.builds(Choice, st.sampled_from(["yes", "skip", "unsure"]), target, answers)
when = st.sampled_from(["role == own", "age_band != under_18", "open_now", "=="])
kinds: st.SearchStrategy[StepKind] = st.one_of(
    st.builds(Say, target),
    st.builds(Ask, st.lists(choice, max_size=9).map(tuple)),
    st.builds(PickRegion, target, target),
    st.builds(Share, st.sampled_from(["shelter", "child"]), target),
    st.builds(Remember, answers, target),
    st.builds(Branch, st.lists(st.tuples(when, target), max_size=3).map(tuple), target),
    st.builds(Handoff, target, target, target, target, target),
    st.builds(Callback, target, target),
    st.builds(SetPhrase, target),
    st.builds(CheckPhrase, target, target),
    st.builds(Hide),
    st.builds(End),
)
tags = st.frozensets(
    st.sampled_from([*Tag, "card.leaving", "card.adult", "card.neck", "card.tracker"]), max_size=3
)
texts = st.dictionaries(
    st.sampled_from(
        ["a.text", "a.yes", "b.text.web.f", "c.skip", "word.kept", "word.hide_label", "x", "x.y"]
    ),
    st.builds(TextEntry, st.text(ODD, max_size=40), st.integers(0, 9)),
)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    names = draw(st.lists(st.sampled_from(IDS[:4]), unique=True))
    steps = {
        name: Step(name, draw(kinds), draw(tags), draw(st.sampled_from([None, *Urgency])), line=place)
        for place, name in enumerate(names)
    }
    languages = draw(st.sampled_from([(), ("en",), ("en", "ro"), ("en", "xx")]))
    return Script("any", draw(target), languages, steps, {tag: draw(texts) for tag in languages})


@settings(max_examples=300, deadline=None)  # ten thousand random walks in each
@given(scripts())
def test_no_script_breaks_the_linter_and_every_issue_can_be_read(script: Script) -> None:
    for issue in check(script, loading.WORDS, loading.GLOBALS, loading.SERVICE_NAMES):
        assert issue.message.endswith((".", "?")), issue
        assert issue.rule
        assert issue.path


def test_issues_come_in_document_order_the_script_first_then_each_language() -> None:
    broken = loading.script("d50_text_missing")
    issues = check(broken, {}, {})
    files = [issue.file for issue in issues]
    order = [broken.file, *broken.text_files.values()]
    assert set(files) == set(order)
    assert files == sorted(files, key=order.index)
    assert [issue.line for issue in issues if issue.file == order[0]] == sorted(
        issue.line for issue in issues if issue.file == order[0]
    )


def test_the_same_script_gives_the_same_issues_and_the_same_issue_once() -> None:
    broken = loading.script("d21_two_questions")
    first = check(broken, loading.WORDS, {})
    again = Script(
        broken.id, broken.start, broken.languages, broken.steps, broken.texts, broken.file, broken.text_files
    )
    assert check(again, loading.WORDS, {}) == first
    assert len(first) == len(set(first))


def test_a_language_without_word_lists_is_told_and_not_let_through() -> None:
    issues = check(loading.script(), {"en": loading.WORDS["en"]}, loading.GLOBALS)
    assert [(issue.rule, issue.file, issue.path) for issue in issues] == [("D-50", "clean.ro.yaml", "ro")]


def test_a_way_into_nowhere_is_told_with_the_nearest_name() -> None:
    clean = loading.script()
    steps = dict(clean.steps) | {"live": Step("live", Say("menuu"), line=41)}
    issues = check(
        Script(clean.id, clean.start, clean.languages, steps, clean.texts, clean.file, clean.text_files),
        loading.WORDS,
        loading.GLOBALS,
    )
    assert [(issue.rule, issue.line, issue.path) for issue in issues] == [("D-05", 41, "steps.live.to")]
    assert "Did you mean `menu`?" in issues[0].message


def test_a_thousand_steps_in_a_row_do_not_exhaust_the_stack() -> None:
    names = [f"s{number}" for number in range(1000)]
    order = random.Random(1).sample(names, len(names))
    steps = {name: Step(name, Say(order[(order.index(name) + 1) % 1000])) for name in names}
    issues = check(Script("row", "s0", ("en",), steps, {"en": {}}), loading.WORDS, loading.GLOBALS)
    assert any(issue.rule == "D-04" for issue in issues)
