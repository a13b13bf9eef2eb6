"""Each broken script has one fault, and the linter tells it at its line: that rule and no other."""

from pathlib import Path

import pytest

from tests.broken_scripts import loading
from triage import lint
from triage.lint.check import RULES
from triage.lint.launch_rules import LAUNCH_RULES, check_for_launch


def rule_of(name: str) -> str:
    """`d03_dead_end` and `triage.lint.d03_no_dead_end` are about D-03, `b034_…` about B-034."""
    number = name.rpartition(".")[2].partition("_")[0]
    return f"{number[0].upper()}-{number[1:]}"


def test_the_clean_script_has_no_issue() -> None:
    assert loading.issues() == ()
    assert check_for_launch(loading.launch()) == ()


@pytest.mark.parametrize("fault", loading.faults())
def test_a_broken_script_is_told_its_fault_at_its_line_and_no_other(fault: str) -> None:
    issues = loading.issues(fault)
    assert {issue.rule for issue in issues} == {rule_of(fault)}, [str(issue) for issue in issues]
    if loading.is_launch(fault):
        assert {issue.line for issue in issues} == {0}
    else:
        assert loading.told_at(fault) in {(issue.file, issue.line) for issue in issues}, [*map(str, issues)]


def test_every_rule_has_a_broken_script() -> None:
    tried = {rule_of(fault) for fault in loading.faults()}
    rules = {rule_of(rule.__module__) for rule in (*RULES, *LAUNCH_RULES)} | {"D-55"}
    assert rules - tried == set()
    assert tried - rules == set()


def test_every_rule_of_the_domain_is_a_file() -> None:
    numbers = [*range(1, 19), *range(20, 45), *range(50, 60)]
    files = {rule_of(path.stem) for path in Path(lint.__path__[0]).glob("[bd][0-9]*.py")}
    assert files == {f"D-{number:02}" for number in numbers} | {"B-034"}
