"""The data folder belongs to one service at a time (design §6).

The lock is the system's: it ends with the process that holds it, however that ends. The process id in the
file is only for the message; a file that is left behind locks nobody out.
"""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK_FILE: Final = "lock"
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
def hold_folder(folder: Path) -> Generator[None]:
    """Hold the data folder for as long as the block lasts.

    Raises `FolderHeld` after a second (whoever only looks, as `is_held` does, is gone by then) and `OSError`
    when the folder is missing or cannot be written.
    """
    path = folder / LOCK_FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if not _taken(descriptor):
            raise FolderHeld(folder, holder(folder))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Whether a process holds the folder now."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def holder(folder: Path) -> int | None:
    """Id of the process that wrote itself into the lock last; it may be gone."""
    try:
        return int((folder / LOCK_FILE).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _taken(descriptor: int) -> bool:
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def holding_process(folder: Path) -> int | None:
    """Id of the process that holds the folder now, as the kernel and the lock file both tell it.

    None when nobody does, or when the holder cannot be named from here (another container, another system).
    """
    written = holder(folder)
    if written is None or written == os.getpid() or not is_held(folder):
        return None
    inode = (folder / LOCK_FILE).stat().st_ino
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    # The words of a line: number, FLOCK, ADVISORY, WRITE, process, device and inode, range.
    for parts in (line.split() for line in lines):
        if parts[1:2] == ["FLOCK"] and parts[4:5] == [str(written)]:
            found = parts[5].rpartition(":")[2]
            if found == str(inode):
                return written
    return None
