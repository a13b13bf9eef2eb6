"""What must not be in the repository: places of one machine, registries, mocks, loose ends."""

import re

import pytest

from tests.architecture.tree import tracked_texts

# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a package registry": r"(files\.|\b)python" + r"hosted\.org|\bpypi" + r"\.org|registry\.npm" + r"js\.",
    "a path of one machine": r"(?<![\w.-])/(wo" + r"rk|ro" + r"ot/\.|home/[a-z]|opt/py" + r"pi)",
    "a mock": r"unittest\." + r"mock|from unittest import " + r"mock|Magic" + r"Mock",
    "a loose end": r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
    "a private key": r"BEGIN [A-Z ]*PRIV" + r"ATE KEY",
}
EXCUSED = {
    ("pyproject.toml", "a mock"): "bans it",
    ("pyproject.toml", "a loose end"): "explains a lint rule",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = {
        f"{name}:{number}": line.strip()
        for name, text in tracked_texts().items()
        if (name, what) not in EXCUSED
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    }
    assert found == {}


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a package registry", "see https://py" + "pi.org/x"),
        ("a path of one machine", "open('/wo" + "rk/main')"),
        ("a mock", "from unittest." + "mock import patch"),
        ("a loose end", "# TO" + "DO later"),
        ("a private key", "-----BEGIN RSA PRIV" + "ATE KEY-----"),
    ],
)
def test_what_is_forbidden_would_be_found(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)


def test_the_top_level_holds_only_what_a_newcomer_expects() -> None:
    expected = {
        ".ci", ".dockerignore", ".gitignore", "CHANGELOG.md", "Dockerfile", "LICENSE", "README.md",
        "bot", "channels", "compose.yaml", "config", "deploy", "dev", "docs", "handoff",
        "pyproject.toml", "requirements-dev.lock", "requirements.lock", "tests", "triage",
    }  # fmt: skip
    assert {name.split("/")[0] for name in tracked_texts()} - expected == set()
