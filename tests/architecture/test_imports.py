"""Imports point down (design: layers, one home for each package, a pure core)."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT, sources


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    outcome = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert " 0 broken" in outcome.stdout


def imported(source: str) -> set[str]:
    """Names of all modules a file imports, `from a import b` counted as both a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


# Services that open, fill, check or destroy an installation as a whole take `Settings` as a value.
INSTALLATION = {
    f"bot/services/{name}.py"
    for name in ("checks", "checks_opening", "checks_published", "destroying", "first_start", "premises")
}


def test_settings_are_read_at_the_top_and_handed_down_as_values() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for file in sources("bot", "channels", "triage", "handoff")
        if "bot.settings" in imported(file.read_text(encoding="utf-8"))
    }
    below = {
        name
        for name in readers
        if not name.startswith(("bot/app.py", "bot/messengers.py", "bot/pages.py", "bot/cli/"))
    }
    assert below <= INSTALLATION
    for name in below:
        assert "load_settings" not in (ROOT / name).read_text(encoding="utf-8")


def test_both_ways_of_importing_settings_are_seen() -> None:
    assert "bot.settings" in imported("from bot.settings import Settings")
    assert "bot.settings" in imported("from bot import settings")
