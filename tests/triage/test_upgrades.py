"""Scripts of an earlier spec are read as scripts of the present one, and faults are told where they stand."""

from pathlib import Path
from typing import Any

import pytest

from triage.issue import Severity
from triage.model import SPEC
from triage.reading import SourceFile, read_script
from triage.reading_node import Node
from triage.reading_upgrades import UPGRADES, spec_of, upgraded
from triage.reading_yaml import Findings, read_tree

FOLDER = Path(__file__).with_name("upgrades")
TEXTS = {"en": SourceFile("draft.en.yaml", "hello.text: Hi")}


def tree(text: str) -> Node:
    found = Findings("x.yaml")
    root = read_tree(SourceFile("x.yaml", text), found)
    assert root is not None, found.issues
    return root


def golden(spec: int) -> str:
    return (FOLDER / f"{spec}.yaml").read_text(encoding="utf-8")


def plain(node: Node) -> Any:
    if node.kind == "mapping":
        return {key: plain(value) for key, value in node.entries.items()}
    return [plain(item) for item in node.items] if node.kind == "list" else node.value


def test_every_spec_there_was_has_an_upgrade_and_a_golden_file() -> None:
    assert sorted(UPGRADES) == list(range(SPEC))
    assert sorted(int(file.stem) for file in FOLDER.glob("*.yaml")) == list(range(SPEC + 1))


@pytest.mark.parametrize("spec", sorted(UPGRADES))
def test_an_upgrade_makes_the_next_golden_file(spec: int) -> None:
    made = UPGRADES[spec](tree(golden(spec)))
    assert {**plain(made), "spec": str(spec + 1)} == plain(tree(golden(spec + 1)))


@pytest.mark.parametrize("spec", sorted(UPGRADES))
def test_a_script_of_an_earlier_spec_is_the_same_script_and_warned_about(spec: int) -> None:
    old, told = read_script(SourceFile("draft.yaml", golden(spec)), TEXTS)
    new, none = read_script(SourceFile("draft.yaml", golden(SPEC)), TEXTS)
    assert old is not None
    assert new is not None
    assert none == ()
    assert [(issue.severity, issue.line) for issue in told] == [(Severity.WARNING, 2)]
    assert old.start == new.start
    assert {name: (step.kind, step.tags, step.urgency) for name, step in old.steps.items()} == {
        name: (step.kind, step.tags, step.urgency) for name, step in new.steps.items()
    }


def test_a_fault_in_an_older_script_is_told_where_its_author_wrote_it() -> None:
    broken = golden(0).replace("goto: parting", "goto: partying")
    _, issues = read_script(SourceFile("draft.yaml", broken), TEXTS)
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    assert [(issue.line, issue.message) for issue in errors] == [
        (17, "There is no step `partying`. Did you mean `parting`?")
    ]


@pytest.mark.parametrize("spec", ["99", "-1", "one", "1.0", "[0]"])
def test_a_spec_nobody_knows_is_refused(spec: str) -> None:
    text = golden(SPEC).replace(f"spec: {SPEC}", f"spec: {spec}")
    _, issues = read_script(SourceFile("draft.yaml", text), TEXTS)
    assert [issue.path for issue in issues if issue.severity is Severity.ERROR] == ["spec"]


@pytest.mark.parametrize(
    "steps", ["[]", "x", "[{message: {}}]", "[{id: a, message: {}}, {id: a, end: {}}]", "[{id: [x]}]"]
)
def test_an_old_list_of_steps_that_is_none_is_told_and_never_breaks(steps: str) -> None:
    text = f"spec: 0\nname: draft\nfirst: a\nlanguages: [en]\nsteps: {steps}\n"
    script, issues = read_script(SourceFile("draft.yaml", text), TEXTS)
    assert script is None
    assert issues


def test_what_has_no_upgrade_is_left_alone() -> None:
    for text in (golden(SPEC), "spec: 7\n", "id: x\n"):
        root = tree(text)
        assert upgraded(root) is root
    assert spec_of(tree("spec: 0\n")) == 0
    assert spec_of(tree("id: x\n")) is None
