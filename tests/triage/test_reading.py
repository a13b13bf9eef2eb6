"""Reading scripts: every fault of an author is told at once, with its place and a cure."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tests.triage.builders import LINE
from triage.issue import Issue, Severity
from triage.model import (
    MAX_STEPS,
    Ask,
    Branch,
    Callback,
    CheckPhrase,
    End,
    Handoff,
    Hide,
    PickRegion,
    Remember,
    Say,
    SetPhrase,
    Share,
    Urgency,
)
from triage.reading import SourceFile, read_script
from triage.reading_texts import required_keys
from triage.reading_yaml import MAX_FILE

HEAD = "spec: 1\nid: s\nstart: a\nlanguages: [en]\n"
GOOD = f"{HEAD}steps:\n  a: {{say: {{}}, to: b}}\n  b: {{end: {{}}}}\n"


def issues_of(document: str, texts: str = "a.text: Hi", language: str = "en") -> tuple[Issue, ...]:
    script, issues = read_script(
        SourceFile("s.yaml", document), {language: SourceFile(f"s.{language}.yaml", texts)}
    )
    assert (script is None) == any(issue.severity is Severity.ERROR for issue in issues)
    return issues


def the_issue(document: str, texts: str = "a.text: Hi", language: str = "en") -> Issue:
    found = issues_of(document, texts, language)
    assert len(found) == 1, [str(issue) for issue in found]
    return found[0]


def step(body: str) -> str:
    """A script whose step `a` is `body`, in lines 6 and below."""
    return (
        f"{HEAD}steps:\n  a:\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n  b: {{end: {{}}}}\n"
    )


def test_every_kind_is_read() -> None:
    kinds = {name: type(read.kind) for name, read in LINE.steps.items()}
    assert {kinds[name] for name in kinds} == {
        Say, Ask, PickRegion, Share, Remember, Branch, Handoff, Callback, SetPhrase, CheckPhrase, Hide, End,
    }  # fmt: skip
    assert LINE.steps["neck"].urgency is Urgency.U0
    assert LINE.steps["neck"].need == "medical"
    assert LINE.steps["neck"].tags == {"card.neck"}
    assert LINE.languages == ("en", "ro")
    assert [found.id for found in LINE.tagged("notice")] == ["notice1", "notice2", "notice3"]
    assert LINE.tagged("nothing") == ()


def test_a_good_script_has_no_issue_and_knows_its_places() -> None:
    script, issues = read_script(SourceFile("s.yaml", GOOD), {"en": SourceFile("s.en.yaml", "\na.text: Hi")})
    assert issues == ()
    assert script is not None
    assert script.steps["b"].line == 7
    assert script.texts["en"]["a.text"].line == 2
    assert script.file == "s.yaml"
    assert script.text_files == {"en": "s.en.yaml"}


def test_norway_is_a_country_and_yes_is_a_word() -> None:
    document = step(
        """
        ask:
          choices:
            - {id: yes, to: b, remember: {region: NO, on: off}}
        """
    )
    script, issues = read_script(SourceFile("s.yaml", document), {"en": SourceFile("e", "a.yes: Yes")})
    assert issues == ()
    assert script is not None
    assert isinstance(kind := script.steps["a"].kind, Ask)
    assert kind.choices[0].id == "yes"
    assert kind.choices[0].remember == {"region": "NO", "on": "off"}


HEAD_FAULTS = [
    ("spec: 2", "spec: 1", "spec", 1, "reads `spec: 1`"),
    ("", "spec: 1\n", "spec", 1, "`spec` is missing"),
    ("id: S p", "id: s", "id", 2, "one word"),
    ("start: c", "start: a", "start", 3, "no step `c`"),
    ("start: [a]", "start: a", "start", 3, "names the first step"),
    ("languages: []", "languages: [en]", "languages", 4, "source language first"),
    ("languages: en", "languages: [en]", "languages", 4, "source language first"),
    ("languages: [en, en]", "languages: [en]", "languages[1]", 4, "twice"),
    ("languages: [en, English]", "languages: [en]", "languages[1]", 4, "tag such as"),
    ("languages: [en, ro]", "languages: [en]", "languages[1]", 4, "no text file for `ro`"),
    ("languages: [en]\nlanguage: en", "languages: [en]", "language", 5, "Did you mean `languages`?"),
]


@pytest.mark.parametrize(("bad", "good", "path", "line", "part"), HEAD_FAULTS)
def test_a_fault_of_the_head_is_told(bad: str, good: str, path: str, line: int, part: str) -> None:
    found = [issue for issue in issues_of(GOOD.replace(good, bad, 1)) if issue.path == path]
    assert len(found) == 1
    assert found[0].line == line
    assert found[0].rule == "spec"
    assert part in found[0].message


STEP_FAULTS = [
    ("say: {}", "steps.a.to", 7, "must name the step that follows"),
    ("say: {}\nto: c", "steps.a.to", 8, "no step `c`"),
    ("say: {x: 1}\nto: b", "steps.a.say", 7, "holds nothing"),
    ("sya: {}\nto: b", "steps.a.sya", 7, "Did you mean `say`?"),
    ("to: b", "steps.a", 6, "exactly one kind"),
    ("say: {}\nend: {}\nto: b", "steps.a", 6, "It has 2: say, end"),
    ("end: {}\nto: b", "steps.a.to", 8, "does not go on"),
    ("end: {}\nelse: b", "steps.a.else", 8, "Only a branch"),
    ("end: {}\ntags: [safecheck]", "steps.a.tags[0]", 8, "Did you mean `safe_check`?"),
    ("end: {}\ntags: exit", "steps.a.tags", 8, "Write a list"),
    ("end: {}\nflags: {urgency: U9}", "steps.a.flags.urgency", 8, "U0 to U3"),
    ("end: {}\nflags: {ned: x}", "steps.a.flags.ned", 8, "Did you mean `need`?"),
    ('end: {}\nwarns: ["keep proof"]', "steps.a.warns[0]", 8, "no code"),
    ("share: {}\nto: b", "steps.a.share.need", 7, "one code"),
    ("share: {need: a b}\nto: b", "steps.a.share.need", 7, "no code"),
    ("remember: {}\nto: b", "steps.a.remember", 7, "at least one key"),
    ("remember: {Topic: x}\nto: b", "steps.a.remember.Topic", 7, "no key"),
    ("remember: {topic: [x]}\nto: b", "steps.a.remember.topic", 7, "one code"),
    ("ask: {}", "steps.a.ask.choices", 7, "Give the choices"),
    ("ask:\n  choices:\n    - {id: x, to: bb}", "steps.a.ask.choices[0].to", 9, "Did you mean `b`?"),
    ("ask:\n  choices:\n    - {id: x}", "steps.a.ask.choices[0].to", 9, "must name the step"),
    ("ask:\n  choices:\n    - {to: b}", "steps.a.ask.choices[0].id", 9, "one code"),
    ("ask:\n  choices:\n    - {id: text, to: b}", "steps.a.ask.choices[0].id", 9, "word of text keys"),
    (
        "ask:\n  choices:\n    - {id: x, to: b}\n    - {id: x, to: b}",
        "steps.a.ask.choices[1].id",
        10,
        "Two choices",
    ),
    ("ask:\n  choices:\n    - {id: x, to: b, rember: {}}", "steps.a.ask.choices[0].rember", 9, "`remember`"),
    ("ask:\n  choices:\n    - [x, b]", "steps.a.ask.choices[0]", 9, "Write a mapping"),
    ("ask: {pick: place, skip: b}\nto: b", "steps.a.ask.pick", 7, "Only `pick: region`"),
    ("ask: {pick: region}\nto: b", "steps.a.ask.skip", 7, "must name the step"),
    ("ask: {skip: b, choices: [{id: x, to: b}]}", "steps.a.ask.skip", 7, "Make it a choice"),
    ("branch: []\nelse: b", "steps.a.branch", 7, "Give the cases"),
    ("branch:\n  - {when: region == RO, to: b}", "steps.a.else", 7, "must name the step"),
    ("branch:\n  - {to: b}\nelse: b", "steps.a.branch[0].when", 8, "Say when"),
    ("branch:\n  - {when: region = RO, to: b}\nelse: b", "steps.a.branch[0].when", 8, "character 8"),
    (
        "branch:\n  - {when: regoin == RO, to: b}\nelse: b",
        "steps.a.branch[0].when",
        8,
        "Did you mean `region`?",
    ),
    (
        "handoff: {accepted: b, declined: b, nobody: b, out_of_hours: b}",
        "steps.a.handoff.closed",
        7,
        "must name",
    ),
    ("callback: {agreed: b}", "steps.a.callback.refused", 7, "must name the step"),
    ("phrase: make\nto: b", "steps.a.phrase", 7, "`phrase: set`"),
    ("phrase: {check: {found: b}}", "steps.a.phrase.check.unknown", 7, "must name the step"),
    (
        "ask:\n  choices:\n    - {id: x, to: b, remember: {safety: ok}}\ntags: [safe_check]",
        "steps.a.ask.choices[0].remember.safety",
        7,
        "alone, seen, unsure",
    ),
]


@pytest.mark.parametrize(("body", "path", "line", "part"), STEP_FAULTS)
def test_a_fault_of_a_step_is_told(body: str, path: str, line: int, part: str) -> None:
    found = [issue for issue in issues_of(step(body), "{}") if issue.path == path]
    assert len(found) == 1, [str(issue) for issue in issues_of(step(body), "{}")]
    assert found[0].line == line
    assert part in found[0].message


def test_nine_choices_are_one_too_many() -> None:
    choices = "\n".join(f"    - {{id: c{number}, to: b}}" for number in range(9))
    found = the_issue(step(f"ask:\n  choices:\n{choices}"), "{}")
    assert found.path == "steps.a.ask.choices[8]"
    assert "At most 8" in found.message


@pytest.mark.parametrize("name", ["A", "1a", "a.b", "word", "grid", "x" * 29])
def test_an_id_that_would_clash_or_not_fit_is_refused(name: str) -> None:
    document = GOOD + f"  {name}: {{end: {{}}}}\n"
    assert the_issue(document).path == f"steps.{name}"


def test_too_many_steps_are_refused() -> None:
    more = "".join(f"  s{number}: {{end: {{}}}}\n" for number in range(MAX_STEPS))
    assert f"at most {MAX_STEPS}" in the_issue(GOOD + more).message


FORM_FAULTS = [
    ("", 1, "empty"),
    ("- a\n- b", 1, "A script is a mapping"),
    ("spec: 1\n  id: x", 2, "Cannot be read"),
    ("spec: [1", 1, "Cannot be read"),
    ("spec: 1\nid: \x07", 2, "cannot stand"),
    (GOOD + "---\nspec: 1", 8, "second document"),
    (GOOD.replace("id: s", "id: &x s"), 2, "anchor"),
    (GOOD.replace("say: {}", "say: !!map {}"), 6, "YAML tag"),
    (GOOD + "spec: 1\n", 8, "twice, first in line 1"),
    (GOOD.replace("{end: {}}", "{end: {[x]: y}}"), 7, "A key is one word"),
    ("a: " + "[" * 20 + "]" * 20, 1, "Nested deeper"),
]


@pytest.mark.parametrize(("document", "line", "part"), FORM_FAULTS)
def test_a_fault_of_form_is_told(document: str, line: int, part: str) -> None:
    found = [issue for issue in issues_of(document) if part in issue.message]
    assert len(found) == 1, [str(issue) for issue in issues_of(document)]
    assert found[0].line == line


def test_an_alias_is_refused() -> None:
    document = GOOD.replace("{say: {}, to: b}", "{say: {}, to: &x b}").replace(
        "{end: {}}", "{say: {}, to: *x}"
    )
    assert any("alias" in issue.message for issue in issues_of(document))


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    )
    assert issues_of(bomb)


def test_a_file_that_is_too_long_is_not_read() -> None:
    assert "longer than" in the_issue("#" * (MAX_FILE + 1)).message


def test_all_faults_are_told_at_once_in_order() -> None:
    steps = "steps:\n  a: {say: {}, to: x}\n  b: {end: {}, tags: [y]}\n  c: {hide: {}, to: a}\n"
    document = HEAD + steps
    found = issues_of(document, "a.txt: Hi\nb.text: ''")
    assert [(issue.file, issue.line) for issue in found] == [
        ("s.en.yaml", 1),
        ("s.en.yaml", 2),
        ("s.yaml", 6),
        ("s.yaml", 7),
        ("s.yaml", 8),
    ]


TEXT_FAULTS = [
    ("a.txt: Hi", 1, "Did you mean `a.text`?"),
    ("a.text: Hi\nb.yes: Yes", 2, "No step or choice"),
    ("a.text: Hi\na.text: Ho", 2, "twice"),
    ("a.text: ''", 1, "has no text"),
    ("a.text:", 1, "has no text"),
    ("a.text: [Hi]", 1, "has no text"),
    ("a.text.easy.web: Hi", 1, "in this order"),
    ("a.text.sms: Hi", 1, "in this order"),
    ("a.text.f.m: Hi", 1, "in this order"),
    ("word.kpet: Hi", 1, "Did you mean `word.kept`?"),
    ("word.Kept: Hi", 1, "no key"),
    ("[a]", 1, "list of `key: text` lines"),
]


@pytest.mark.parametrize(("texts", "line", "part"), TEXT_FAULTS)
def test_a_fault_of_a_text_is_told(texts: str, line: int, part: str) -> None:
    found = the_issue(GOOD, texts)
    assert found.file == "s.en.yaml"
    assert found.line == line
    assert part in found.message


@pytest.mark.parametrize(
    "texts",
    [
        "a.text: Hi\na.text.web: Hi\na.text.telegram.easy: Hi\na.text.easy.f: Hi\na.text.matrix.m: Hi",
        "a.text: Hi\nb.text: an end may say something",
        "word.kept: k\nword.of_the_host: x\nword.ping_1: y",
        "a.text: |\n  two\n  lines",
    ],
)
def test_good_texts_have_no_issue(texts: str) -> None:
    assert issues_of(GOOD, texts) == ()


def test_the_texts_of_a_step_with_a_fault_are_left_alone() -> None:
    found = issues_of(step("sya: {}\nto: b"), "a.text: Hi\na.yes: Yes")
    assert {issue.file for issue in found} == {"s.yaml"}


def test_a_word_like_a_known_one_is_the_hosts_own_when_the_known_one_is_there() -> None:
    assert issues_of(GOOD, "word.wait_here: a\nword.wait_here_on: b") == ()


def test_texts_of_a_language_that_is_not_listed_are_only_a_warning() -> None:
    script, issues = read_script(
        SourceFile("s.yaml", GOOD),
        {"en": SourceFile("s.en.yaml", "a.text: Hi"), "cs": SourceFile("s.cs.yaml", "a.text: Ahoj")},
    )
    assert script is not None
    assert set(script.texts) == {"en"}
    assert [issue.severity for issue in issues] == [Severity.WARNING]


def test_the_keys_a_language_must_have_are_known() -> None:
    keys = required_keys(LINE)
    assert {"hello.text", "hello.yes", "callback.refused", "places.text", "word.kept"} <= set(keys)
    assert not {"bye.text", "queue.text", "numbers.text", "menu.text"} & set(keys)


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_text_is_read_or_refused(text: str) -> None:
    issues_of(text)
    issues_of(GOOD, text)


@given(st.data())
@settings(max_examples=150)
def test_a_script_with_any_line_lost_or_doubled_is_read_or_refused(data: st.DataObject) -> None:
    lines = Path(__file__).with_name("line.yaml").read_text(encoding="utf-8").splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    lines[place : place + 1] = data.draw(
        st.sampled_from([[], [lines[place]] * 2, [lines[place][2:]], ["  x: {}"]])
    )
    issues_of("\n".join(lines), "hello.text: Hi")
