"""Each broken script has one fault, and the linter tells it at its line: that rule and no other."""

import pytest

from tests.broken_scripts import loading
from triage.lint.check import RULES, check


def rule_of(name: str) -> str:
    """`d03_dead_end` and `triage.lint.d03_no_dead_end` are about D-03, `b034_…` about B-034."""
    number = name.rpartition(".")[2].partition("_")[0]
    return f"{number[0].upper()}-{number[1:]}"


def test_the_clean_script_has_no_issue() -> None:
    assert check(loading.script(), loading.WORDS, loading.GLOBALS, loading.SERVICE_NAMES) == ()


@pytest.mark.parametrize("fault", loading.faults())
def test_a_broken_script_is_told_its_fault_at_its_line_and_no_other(fault: str) -> None:
    issues = check(loading.script(fault), loading.WORDS, loading.GLOBALS, loading.SERVICE_NAMES)
    assert {issue.rule for issue in issues} == {rule_of(fault)}, [str(issue) for issue in issues]
    assert loading.told_at(fault) in {(issue.file, issue.line) for issue in issues}, [*map(str, issues)]


def test_every_rule_has_a_broken_script() -> None:
    tried = {rule_of(fault) for fault in loading.faults()}
    untried = {rule_of(rule.__module__) for rule in RULES} - tried
    assert untried == {"D-51"}  # global words are no part of a script: test_lint_global_words.py
