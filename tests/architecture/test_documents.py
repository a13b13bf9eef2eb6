"""The documents point to what is there, and the two commands they promise are the real ones."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

DOCUMENTS = sorted(
    str(file.relative_to(ROOT)) for file in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [(ROOT / document).parent / target for target in LINK.findall(text)]
    missing = [str(target) for target in targets if not target.exists()]
    assert missing == []


def test_continuous_integration_runs_the_commands_of_the_readme() -> None:
    commands = re.findall(r"^\./dev .*$", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)
    assert commands == ["./dev check", "./dev test"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{command}`" in readme or f"\n{command}\n" in readme for command in commands)


def test_every_word_of_dev_is_in_its_help() -> None:
    script = (ROOT / "dev").read_text(encoding="utf-8")
    helped = set(re.findall(r"^  ([a-z-]+)  ", script, re.MULTILINE))
    words = set(re.findall(r"^    ([a-z-]+)(?: \|[^)]*)?\)", script, re.MULTILINE))
    assert words
    assert words - helped == set()


@pytest.mark.parametrize("script", ["dev", ".ci/run", "deploy/lock.sh"])
def test_scripts_meant_to_be_started_can_be(script: str) -> None:
    assert Path(ROOT / script).stat().st_mode & 0o111
