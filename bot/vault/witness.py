"""Showing that two processes use one folder of the key ring, and not a copy of it.

A newcomer leaves a random word in a file of its folder, and in the database. Who serves already finds the
word in its own folder, or it is not the same folder.
"""

import secrets
from pathlib import Path
from typing import Final

from bot.vault.durable import create_durably, remove_durably

_PREFIX: Final = "newcomer-"


def new_word() -> str:
    """Draw a word nobody can guess."""
    return secrets.token_hex(24)


def leave_word(folder: Path, name: str, word: str) -> None:
    """Leave the word under `name`, an id. Raises `OSError` where nothing can be written."""
    take_back(folder, name)
    create_durably(folder / f"{_PREFIX}{name}", word.encode())


def finds_word(folder: Path, name: str, word: str) -> bool:
    """Whether that word lies there under that name."""
    try:
        return (folder / f"{_PREFIX}{name}").read_bytes() == word.encode()
    except OSError:
        return False


def take_back(folder: Path, name: str) -> None:
    """Remove a word; no error if there is none."""
    remove_durably(folder / f"{_PREFIX}{name}")


def sweep(folder: Path, living: frozenset[str]) -> None:
    """Remove words of whoever is not among the living."""
    for file in folder.glob(f"{_PREFIX}*"):
        if file.name.removeprefix(_PREFIX).removesuffix(".new") not in living:
            remove_durably(file)
