"""The JSON Schemas say what the readers say: the shipped files pass, what has no form does not."""

from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.broken_scripts import loading
from tests.config.shipped import CONFIG
from tests.triage import test_reading
from tests.triage.builders import LINE
from triage.reading_node import Node
from triage.reading_yaml import Findings, SourceFile, read_tree
from triage.schema import script_schema, sheet_schema, texts_schema

LINE_FILE = CONFIG.parent / "tests" / "triage" / "line.yaml"
# What needs the whole script, or knows what a word means.
NOT_IN_A_SCHEMA = (
    "no step `", "Two choices", "no text file", "Did you mean `b`?", "Did you mean `region`?", "character 8",
    "alone, seen, unsure",
)  # fmt: skip


@cache
def validator(name: str) -> Draft202012Validator:
    schema = {"script": script_schema, "texts": texts_schema, "sheet": sheet_schema}[name]()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def plain(text: str) -> Any:
    """The document as an editor sees it: every scalar a text but the number of the spec."""
    root = read_tree(SourceFile("x.yaml", text), Findings("x.yaml"))
    assert root is not None
    document = _plain(root)
    if isinstance(document, dict) and str(document.get("spec", "")).isdigit():
        document["spec"] = int(document["spec"])
    return document


def _plain(node: Node) -> Any:
    if node.kind == "mapping":
        return {key: _plain(value) for key, value in node.entries.items()}
    if node.kind == "list":
        return [_plain(item) for item in node.items]
    return None if node.is_null else node.value


def faults(name: str, text: str) -> list[str]:
    return [error.message for error in validator(name).iter_errors(plain(text))]


def test_the_shipped_script_its_texts_and_sheets_pass() -> None:
    assert faults("script", (CONFIG / "scripts/default.yaml").read_text()) == []
    assert faults("script", LINE_FILE.read_text()) == []
    assert len({type(step.kind) for step in LINE.steps.values()}) == 12
    for file in (CONFIG / "scripts").glob("default.*.yaml"):
        assert faults("texts", file.read_text()) == []
    sheets = sorted((CONFIG / "sheets").glob("*.yaml"))
    assert sheets
    for file in sheets:
        assert faults("sheet", file.read_text()) == []


@pytest.mark.parametrize("fault", loading.faults())
def test_what_only_a_rule_can_see_passes(fault: str) -> None:
    sources = loading.sources(fault)
    assert faults("script", sources[""].text) == []
    assert faults("texts", sources["en"].text) == []


def told_by_the_reader() -> list[tuple[str, str]]:
    bad = [
        (test_reading.GOOD.replace(good, wrong, 1), part)
        for wrong, good, _, _, part in test_reading.HEAD_FAULTS
    ]
    bad += [(test_reading.step(body), part) for body, _, _, part in test_reading.STEP_FAULTS]
    return bad


@pytest.mark.parametrize(("text", "part"), told_by_the_reader())
def test_a_fault_of_form_fails_the_schema_too(text: str, part: str) -> None:
    if any(word in part for word in NOT_IN_A_SCHEMA):
        return  # the schema sees one document, and no meaning
    assert faults("script", text) != []


@pytest.mark.parametrize(
    "text",
    ['a.text: ""', "a: x", "a.text.sms: Hi", "a.text.easy.web: Hi", "a.text: [x]", "A.text: x"],
)
def test_a_text_file_without_its_form_fails(text: str) -> None:
    assert faults("texts", text) != []


@pytest.mark.parametrize(
    "text",
    [
        "spec: 1\nkind: canned\nlanguage: en\ntexts: {}",
        "spec: 2\nkind: canned\nlanguage: en\ntexts: {a: x}",
        "spec: 1\nkind: songs\nlanguage: en\ntexts: {a: x}",
        "spec: 1\nkind: canned\nlanguage: English\ntexts: {a: x}",
        "spec: 1\nkind: canned\ntexts: {a: x}",
    ],
)
def test_a_sheet_without_its_form_fails(text: str) -> None:
    assert faults("sheet", text) != []
