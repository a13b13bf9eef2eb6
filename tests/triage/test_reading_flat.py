"""The quick way through a text file reads what the YAML parser reads, or leaves it to it."""

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from triage.reading_flat import read_flat
from triage.reading_node import Node
from triage.reading_yaml import Findings, _Builder

CONFIG = Path(__file__).parents[2] / "config"

keys = st.from_regex(r"[a-z]{1,3}\.(text|yes|[a-z]{1,3})(\.web)?", fullmatch=True)
values = st.text(st.sampled_from("aZé ț'{}:#,-?!&*|>%@`\u2028\u0301\t👋\\"), max_size=12)
endings = st.sampled_from(["", "", "", " # why", "#no", " ", "\t# x"])
lines = st.one_of(
    st.builds(lambda key, value, ending: f'{key}: "{value}"{ending}', keys, values, endings),
    st.sampled_from(
        ["", "   ", "# a comment", "  # another", "---", "...", "a.text: plain", "a.b: 'x'", "é.x: 1"]
    ),
    st.text(max_size=10),
)


def parsed(text: str) -> Node | None:
    return _Builder(Findings("x")).build(text)


@given(st.lists(lines, max_size=6).map("\n".join))
@settings(max_examples=400, deadline=None)
def test_what_it_reads_the_parser_reads_too(text: str) -> None:
    quick = read_flat(text)
    if quick is not None:
        assert quick == parsed(text)


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_shipped_texts_go_the_quick_way(language: str) -> None:
    text = (CONFIG / "scripts" / f"default.{language}.yaml").read_text(encoding="utf-8")
    assert read_flat(text) == parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "# only a comment", 'a.text: "x"\na.text: "y"', 'a.text: "x" "y"', 'a.text: "\\x41"', "a.text: x",
        'text: "no step"', ' a.text: "indented"', 'a.text: "x"\r\n', '\ufeffa.text: "x"',
    ],
)  # fmt: skip
def test_anything_else_is_left_to_the_parser(text: str) -> None:
    assert read_flat(text) is None
