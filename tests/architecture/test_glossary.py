"""Every word of the three vocabularies is explained in docs/glossary.md."""

import ast
import re

import pytest

from tests.architecture.tree import ROOT

VOCABULARIES = ("bot/model.py", "triage/model.py", "handoff/model.py")


def public_classes(source: str) -> set[str]:
    return {
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_class_of_a_vocabulary_stands_in_the_glossary(vocabulary: str) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([A-Z]\w+)", glossary))
    classes = public_classes((ROOT / vocabulary).read_text(encoding="utf-8"))
    assert classes, f"{vocabulary} holds no class"
    assert classes - explained == set()


def test_the_glossary_explains_no_class_that_is_gone() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    known = {
        name
        for vocabulary in VOCABULARIES
        for name in public_classes((ROOT / vocabulary).read_text(encoding="utf-8"))
    }
    named = set(re.findall(r"`([A-Z][a-z]\w+)`", glossary))
    assert named - known == set()
