"""The data folder belongs to one service at a time, or to several on one PostgreSQL (design §6).

The lock is the system's: it ends with the process that holds it, however that ends. The process ids in the
file are only for messages; a file that is left behind locks nobody out.
"""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK_FILE: Final = "lock"
_LONGEST: Final = 4096  # bytes of ids in the file
_TRIES: Final = 5
_PAUSE: Final = 0.2


class FolderHeld(Exception):
    """Another process holds the data folder; `holder` is its id, None if it has not written it yet."""

    def __init__(self, folder: Path, holder: int | None) -> None:
        who = "another process" if holder is None else f"process {holder}"
        super().__init__(
            f"The data folder {folder} is in use by {who}, most likely the service. Two at a time would "
            "spoil what they both write. Stop that one first, for example with `systemctl stop hearthline`. "
            "Do not delete the lock file: it locks nobody out by itself."
        )
        self.folder = folder
        self.holder = holder


@contextmanager
def hold_folder(folder: Path, *, shared: bool = False) -> Generator[None]:
    """Hold the data folder for as long as the block lasts; `shared` with others that say so too.

    Raises `FolderHeld` after a second (whoever only looks, as `is_held` does, is gone by then) and `OSError`
    when the folder is missing or cannot be written.
    """
    path = folder / LOCK_FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if not _taken(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            raise FolderHeld(folder, holder(folder))
        _write_down(descriptor, shared=shared)
        yield
        if not shared:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Whether any process holds the folder now."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # Somebody else who only looks has it for no time at all.
        return not _taken(descriptor, fcntl.LOCK_EX, pause=0.02)
    finally:
        os.close(descriptor)


def holder(folder: Path) -> int | None:
    """Id of the process that wrote itself into the lock last; it may be gone."""
    written = _written(folder)
    return written[-1] if written else None


def _written(folder: Path) -> list[int]:
    try:
        return [int(line) for line in (folder / LOCK_FILE).read_text(encoding="ascii").splitlines()]
    except (FileNotFoundError, ValueError):
        return []


def _write_down(descriptor: int, *, shared: bool) -> None:
    """Our id; where the folder is shared, beside those of others that live."""
    fcntl.lockf(descriptor, fcntl.LOCK_EX)  # of another kind than the lock itself: for the list alone
    found = os.pread(descriptor, _LONGEST, 0).split() if shared else []
    living = [one for one in found if one.isdigit() and Path(f"/proc/{one.decode()}").exists()]
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"".join(b"%b\n" % one for one in (*living, b"%d" % os.getpid())), 0)
    fcntl.lockf(descriptor, fcntl.LOCK_UN)


def _taken(descriptor: int, how: int, pause: float = _PAUSE) -> bool:
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(pause)
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def holding_processes(folder: Path) -> tuple[int, ...]:
    """Ids of the processes that hold the folder now, as the kernel and the lock file both tell them.

    Without those that cannot be named from here (another container, another system).
    """
    written = set(_written(folder)) - {os.getpid()}
    if not written or not is_held(folder):
        return ()
    inode = (folder / LOCK_FILE).stat().st_ino
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return ()
    # The words of a line: number, FLOCK, ADVISORY, WRITE or READ, process, device and inode, range.
    holding = {
        int(parts[4])
        for parts in (line.split() for line in lines)
        if parts[1:2] == ["FLOCK"] and parts[5].rpartition(":")[2] == str(inode)
    }
    return tuple(sorted(written & holding))
