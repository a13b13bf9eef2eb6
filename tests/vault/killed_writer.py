"""Changes a key ring and is killed (SIGKILL) before its first, second, third … call to the system.

    python killed_writer.py FOLDER create|begin|shred|destroy

Copies FOLDER/template to FOLDER/0, FOLDER/1, …; the n-th copy is what the n-th cut leaves behind. A cut
at a write leaves half of it. The last copy is of the change that ran to its end. Prints how many cuts.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.vault.key_ring import KeyRing
from bot.vault.master_key import MasterKey
from bot.vault.vault import Vault

NOW = datetime(2025, 7, 15, tzinfo=UTC)
MASTER = MasterKey(bytes(range(32)))
CALLS = ("open", "write", "fsync", "rename", "unlink", "utime", "fchmod")


def change(folder: Path, what: str) -> Callable[[], object]:
    """The change to cut; whatever it needs beforehand is done here, uncut."""
    if what == "create":
        return lambda: KeyRing.create(folder, MASTER, NOW)
    vault = Vault(KeyRing.open(folder, MASTER))
    changes: dict[str, Callable[[], object]] = {
        "begin": lambda: vault.begin_epoch(NOW),
        "shred": lambda: vault.shred_epochs(set(vault.epochs)),
        "destroy": lambda: KeyRing.destroy(folder),
    }
    return changes[what]


def cut_before(number: int) -> None:
    """From now on, the system call of that number (from 0) kills this process."""
    made = 0

    def cut(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal made
            if made == number:
                if name == "write":
                    real(arguments[0], arguments[1][: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            made += 1
            return real(*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, cut(name, getattr(os, name)))


def killed_at(folder: Path, what: str, number: int) -> bool:
    """Run the change in a child that is killed there. False: it was done before."""
    child = os.fork()
    if child == 0:
        outcome = 1
        try:
            todo = change(folder, what)
            cut_before(number)
            todo()
            outcome = 0
        finally:
            os._exit(outcome)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status) != 0:
        raise SystemExit("the change failed of itself")
    return False


def main(folder: Path, what: str) -> None:
    """Cut at every place in turn."""
    number = 0
    while True:
        copy = folder / str(number)
        shutil.copytree(folder / "template", copy)
        if not killed_at(copy, what, number):
            break
        number += 1
    print(number)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
