"""A small file that is replaced whole: after a crash at any point the old one or the new one is there.

New file beside it (0600), fsync, rename, fsync of the folder; only then is the old file's content
overwritten, as far as the file system allows, so that shredded keys do not lie in its free blocks.
One fixed name for the new file: what a crash leaves behind, the next write overwrites.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """Tells one version of the file from the next without reading it."""

    inode: int
    size: int
    modified: int


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of the file there now, None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - pathlib's costs four times as much, and this runs per message
    except FileNotFoundError:
        return None
    return _stamp(found)


def read_whole(path: Path) -> tuple[Stamp, bytes]:
    """Read a version of the file and its stamp. Raises `FileNotFoundError`."""
    with path.open("rb") as file:
        return _stamp(os.fstat(file.fileno())), file.read()


@contextmanager
def only_writer(folder: Path) -> Generator[None]:
    """Hold the folder's lock; other processes wait. Released by the system when the holder dies."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def create_durably(path: Path, content: bytes) -> None:
    """Write a new file, mode 0600. Raises `FileExistsError`; a failed write leaves nothing."""
    _write_new(path, content, None)
    _sync_folder(path.parent)


def replace_durably(path: Path, content: bytes) -> Stamp:
    """Put `content` at `path` for good, mode 0600. Call it under `only_writer`.

    Raises `OSError`: then the old file is there, or, if only the folder could not be synced, the new one.
    """
    fresh = _fresh(path)
    _overwrite_and_unlink(fresh)
    written = _write_new(fresh, content, stamp_of(path))
    with _kept_open(path) as old:
        os.rename(fresh, path)  # noqa: PTH104 - one system call, named as such
        _sync_folder(path.parent)
        _overwrite(old)
    return written


def remove_durably(path: Path) -> None:
    """Overwrite and unlink the file and what a crash left beside it. No error if nothing is there."""
    _overwrite_and_unlink(path)
    _overwrite_and_unlink(_fresh(path))
    _sync_folder(path.parent)


def _fresh(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_ino, found.st_size, found.st_mtime_ns)


def _date_after(descriptor: int, previous: Stamp | None) -> None:
    """Two writes within one tick of the file system's clock, on a reused inode, must not look the same."""
    if previous is not None and os.fstat(descriptor).st_mtime_ns <= previous.modified:
        os.utime(descriptor, ns=(previous.modified + 1, previous.modified + 1))


def _write_new(path: Path, content: bytes, previous: Stamp | None) -> Stamp:
    """Write and sync a file that was not there, dated after the one it will replace."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        _write_all(descriptor, content)
        _date_after(descriptor, previous)
        os.fsync(descriptor)
        return _stamp(os.fstat(descriptor))
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


@contextmanager
def _kept_open(path: Path) -> Generator[int | None]:
    """Open the file that is there for overwriting; None if there is none or it may not be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _overwrite(descriptor: int | None) -> None:
    """Best effort: what had to last is on disk already, so a full or copying file system is no error here."""
    if descriptor is None:
        return
    with suppress(OSError):
        size = os.fstat(descriptor).st_size
        os.lseek(descriptor, 0, os.SEEK_SET)
        _write_all(descriptor, os.urandom(size))
        os.fsync(descriptor)


def _overwrite_and_unlink(path: Path) -> None:
    with _kept_open(path) as old:
        _overwrite(old)
    path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
