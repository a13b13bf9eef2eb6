"""What changes between two revisions, in words: which step, which text, which choice, where it leads."""

from dataclasses import replace

import pytest

from bot.services.comparing import Change, compare
from bot.services.documents import ScriptSource
from bot.services.sheets import sheet_of
from tests.publishing.press import Press, changed
from triage.reading import SourceFile


@pytest.fixture
def source(press: Press) -> ScriptSource:
    return press.source


def with_document(source: ScriptSource, *pairs: tuple[str, str]) -> ScriptSource:
    text = source.document.text
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return replace(source, document=SourceFile(source.document.name, text))


def told(old: ScriptSource, new: ScriptSource) -> list[Change]:
    return list(compare(sheet_of(old), sheet_of(new)))


def test_the_same_script_does_not_differ_though_its_comments_do(source: ScriptSource) -> None:
    assert told(source, with_document(source, ("spec: 1", "spec: 1 # anew"))) == []


def test_a_text_is_told_with_its_language_before_and_after(source: ScriptSource) -> None:
    assert told(source, changed(source, "menu.text", "Ce vrei?", "ro")) == [
        Change("menu", "The text", "ro", sheet_of(source).texts["ro"]["menu.text"], "Ce vrei?")
    ]
    assert told(source, changed(source, "hello.go", "Yes, go on"))[0].said == "The choice “go”"
    assert told(source, changed(source, "word.kept", "Kept."))[0].said == "The guide's own words “kept”"


def test_a_variant_is_named_in_words(source: ScriptSource) -> None:
    file = source.texts["en"]
    more = SourceFile(file.name, file.text + 'menu.text.telegram.easy: "What now?"\n')
    new = replace(source, texts={**source.texts, "en": more})
    assert told(source, new) == [
        Change("menu", "The text (on Telegram, in easy words)", "en", "", "What now?")
    ]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (
            (("{id: later, to: later}", "{id: later, to: safe_check}"),),
            Change("hello", "The choice “later” leads elsewhere", "", "later", "safe_check"),
        ),
        (
            (("[{id: go, to: safe_check}, {id: later, to: later}]",
              "[{id: later, to: later}, {id: go, to: safe_check}]"),),
            Change("hello", "The choices stand in another order", "", "go, later", "later, go"),
        ),
        (
            (("{id: later, to: later}", "{id: later, to: later}, {id: menu, to: menu}"),),
            Change("hello", "A new choice “menu”", "", "", "leads to menu"),
        ),
        (
            ((", {id: later, to: later}", ""),),
            Change("hello", "The choice “later” was taken out", "", "led to later", ""),
        ),
        (
            (("remember: {age_band: adult}", "remember: {age_band: grown}"),),
            Change(
                "age", "The choice “adult” remembers something else", "", "age_band: adult", "age_band: grown"
            ),
        ),
        (
            (("out_of_hours: nobody", "out_of_hours: bye"),),
            Change("queue", "It leads elsewhere: when the line is closed", "", "nobody", "bye"),
        ),
        (
            (("share: {need: child}\n    to: menu", "share: {need: child}\n    to: bye"),),
            Change("young", "It leads elsewhere: what follows", "", "menu", "bye"),
        ),
        (
            (("share: {need: child}", "share: {need: suicide_crisis}"),),
            Change("young", "Changed: what it gives numbers for", "", "need: child", "need: suicide_crisis"),
        ),
        (
            (("start: hello", "start: menu"),),
            Change("", "The chat begins with another step", "", "hello", "menu"),
        ),
        (
            (("tags: [emergency]", "tags: []"),),
            Change("emergency", "What the step is for", "", "emergency", ""),
        ),
        (
            (("  live:\n    say: {}\n    to: menu", "  live:\n    end: {}"),),
            Change("live", "It does something else now", "", "says something and goes on", "ends the chat"),
        ),
        (
            (("    tags: [emergency]", "    tags: [emergency]\n    flags: {urgency: U0}"),),
            Change("emergency", "Changed: urgency and need", "", "", "urgency: U0"),
        ),
        (
            (("  bye:\n    end: {}", "  extra:\n    say: {}\n    to: bye\n  bye:\n    end: {}"),),
            Change("extra", "A new step: it says something and goes on", "", "", "what follows → bye"),
        ),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_told(
    source: ScriptSource, pairs: tuple[tuple[str, str], ...], expected: Change
) -> None:
    assert expected in told(source, with_document(source, *pairs))


def test_a_step_that_was_taken_out_is_told_by_its_words(source: ScriptSource) -> None:
    new = with_document(source, ("  young:\n    share: {need: child}\n    to: menu\n", ""))
    (change,) = [one for one in told(source, new) if one.step == "young"]
    assert change.said == "The step was taken out; it gives numbers and places"


def test_languages_that_come_and_go_are_told(source: ScriptSource) -> None:
    english = replace(
        with_document(source, ("languages: [en, ro]", "languages: [en]")),
        texts={"en": source.texts["en"]},
    )
    assert Change("", "A language was taken out", "ro") in told(source, english)
    assert Change("", "A language was added", "ro") in told(english, source)
    turned = with_document(source, ("languages: [en, ro]", "languages: [ro, en]"))
    assert told(source, turned) == [
        Change("", "The languages stand in another order", "", "en, ro", "ro, en")
    ]


def test_a_draft_that_cannot_be_read_is_compared_as_far_as_it_can(source: ScriptSource) -> None:
    torn = replace(source, document=SourceFile("clean.yaml", "steps: ["))
    assert told(source, torn)
    assert told(torn, torn) == []
