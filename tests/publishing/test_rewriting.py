"""One value changes, every other letter stays: comments, order, quotes, line ends."""

import pytest
from hypothesis import given, strategies as st

from bot.services.rewriting import CannotRewrite, with_steps, with_texts
from bot.services.sheets import plain
from triage.reading import SourceFile
from triage.reading_yaml import Findings, read_tree

TEXTS = """\
# Texts of the script.
a.text: "one"   # said first
b.text: 'it''s two'
c.text: plain words here  # a comment
d.text: |
  a block
  of lines

e.text: >-
  folded
  here
f.text: "last
  one"
"""


def read(text: str) -> dict[str, str]:
    found = Findings("x")
    root = read_tree(SourceFile("x", text), found)
    assert found.issues == []
    return {key: node.value for key, node in root.entries.items()} if root else {}


def rewritten(text: str, **changes: str | None) -> str:
    named = {f"{key}.text": value for key, value in changes.items()}
    return with_texts(SourceFile("x", text), named).text


@pytest.mark.parametrize("key", ["a", "b", "c", "d", "e", "f"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_one_text_changes_whatever_form_it_was_written_in(key: str, ends: str) -> None:
    text = TEXTS.replace("\n", ends)
    after = rewritten(text, **{key: "new: “word” # no comment"})
    assert read(after) == read(text) | {f"{key}.text": "new: “word” # no comment"}
    gone = {line for line in text.splitlines() if line not in after.splitlines()}
    assert all("#" not in line or line.startswith(f"{key}.text") for line in gone)
    assert "# said first" in after
    assert "# a comment" in after


@pytest.mark.parametrize("key", ["a", "b", "c", "d", "e", "f"])
def test_a_line_is_taken_out_whole(key: str) -> None:
    after = rewritten(TEXTS, **{key: None})
    assert read(after) == {name: text for name, text in read(TEXTS).items() if name != f"{key}.text"}


def test_a_new_text_is_added_at_the_end() -> None:
    assert rewritten("a.text: x", z="y") == 'a.text: x\nz.text: "y"\n'
    assert rewritten("", z="y") == 'z.text: "y"\n'
    assert rewritten("# only a comment\n", z=None) == "# only a comment\n"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_again_as_it_was_written(text: str) -> None:
    after = rewritten(TEXTS, c=text)
    assert read(after)["c.text"] == text
    assert read(after) == read(TEXTS) | {"c.text": text}


SCRIPT = """\
spec: 1   # the form
steps:
  a:
    ask:
      choices:
        - {id: "yes", to: b}
    tags: [x]   # why

  # about b
  b: {say: {}, to: a}
  c:
    end: {}
    # the end
"""


@pytest.mark.parametrize("step", ["a", "b", "c"])
def test_a_whole_step_is_replaced_and_the_others_stay(step: str) -> None:
    other_step = {"say": {}, "to": "NO", "tags": ["yes"]}
    after = with_steps(SourceFile("x", SCRIPT), {step: other_step}).text
    found = Findings("x")
    root, before = read_tree(SourceFile("x", after), found), read_tree(SourceFile("x", SCRIPT), found)
    assert found.issues == []
    assert root is not None and before is not None
    steps, were = root.entries["steps"].entries, before.entries["steps"].entries
    assert list(steps) == ["a", "b", "c"]
    assert steps[step].entries["to"].value == "NO"
    for other in {"a", "b", "c"} - {step}:
        assert plain(steps[other]) == plain(were[other])
    assert all(comment in after for comment in ("# the form", "# about b", "# the end"))


@pytest.mark.parametrize("document", [SCRIPT, "steps: {a: {end: {}}, b: {end: {}}}\n"])
def test_a_new_step_is_added_after_the_last(document: str) -> None:
    after = with_steps(SourceFile("x", document), {"new": {"say": {}, "to": "a"}}).text
    root = read_tree(SourceFile("x", after), Findings("x"))
    assert root is not None
    assert list(root.entries["steps"].entries)[-1] == "new"


@pytest.mark.parametrize("text", ["[a, b]", "a: [", "a: b\n---\nc: d: e", "just words"])
def test_what_is_no_list_of_texts_is_refused(text: str) -> None:
    with pytest.raises(CannotRewrite):
        with_texts(SourceFile("x", text), {"a": "b"})


@pytest.mark.parametrize("text", ["spec: 1", "steps: {}", "steps: [a]"])
def test_a_script_without_steps_takes_no_changes(text: str) -> None:
    with pytest.raises(CannotRewrite):
        with_steps(SourceFile("x", text), {"a": {}})
