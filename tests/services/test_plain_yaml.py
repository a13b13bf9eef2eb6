"""What the fast parser refuses is read all the same, and every shipped list reads as before."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.services.plain_yaml import read_plain
from tests.architecture.tree import ROOT


def slowly(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("file", sorted((ROOT / "config").rglob("*.yaml")), ids=lambda file: file.name)
def test_a_shipped_document_reads_the_same_both_ways(file: Path) -> None:
    text = file.read_text("utf-8")
    assert read_plain(text) == slowly(text)


@pytest.mark.parametrize("text", ["{from: 20:00}", "- {at: 08:30, to: 9:00}", "NO: Norway", "a: 010"])
def test_what_yaml_allows_is_read(text: str) -> None:
    assert read_plain(text) == slowly(text)


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2", "\tx: 1", "a: b: c"])
def test_what_is_no_yaml_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(YAMLError):
        read_plain(text)
