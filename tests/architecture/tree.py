"""What the architecture tests read: the tracked files of this checkout."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked_files() -> list[Path]:
    """Every file git tracks that is there now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    assert files, "git lists no files; run the tests in a checkout"
    return [file for file in files if file.is_file()]


def tracked_texts() -> dict[str, str]:
    """Text of every tracked file, by its path from the root."""
    texts: dict[str, str] = {}
    for file in tracked_files():
        try:
            texts[str(file.relative_to(ROOT))] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or another binary file holds no text to look at
    return texts


def sources(*folders: str) -> list[Path]:
    """Python files under these folders, tracked or not yet."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
