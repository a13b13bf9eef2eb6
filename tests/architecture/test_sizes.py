"""One idea per file: 400 lines a file, 60 a function."""

import ast

import pytest

from tests.architecture.tree import ROOT, sources

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
MIGRATIONS = "bot/store/migrations/versions/"  # frozen lists of tables: cut up, they would be harder to read
FOLDERS = ("bot", "channels", "triage", "handoff", "config", "tests")


def long_functions(source: str) -> list[str]:
    """Names of functions of more than 60 lines, decorators not counted."""
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [
        f"{node.name} ({length} lines)"
        for node in functions
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LINES_OF_A_FUNCTION
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_longer_than_400_lines(folder: str) -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in sources(folder)
    }
    assert lengths, f"{folder}/ holds no Python file"
    assert {name: length for name, length in lengths.items() if length > LINES_OF_A_FILE} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_function_is_longer_than_60_lines(folder: str) -> None:
    found = {
        str(file.relative_to(ROOT)): long
        for file in sources(folder)
        if not str(file.relative_to(ROOT)).startswith(MIGRATIONS)
        if (long := long_functions(file.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_function_of_61_lines_is_found() -> None:
    body = "\n".join("    pass" for _ in range(60))
    assert long_functions(f"def long():\n{body}\n") == ["long (61 lines)"]
    assert long_functions(f"async def fits():\n{body[:-9]}\n") == []
