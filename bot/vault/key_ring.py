"""The key ring: one file outside the database, sealed by the master key (design §6).

"A key is on disk before anything is sealed with it": every change is written durably first and seen
second. The leader writes; other processes on the same folder notice by the file's stamp and read again.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.vault.container import ORGANISATION, RING, Torn, pack, unpack
from bot.vault.durable import Stamp, only_writer, read_whole, remove_durably, replace_durably, stamp_of
from bot.vault.errors import RingExists, RingMissing, RingTorn, WrongMasterKey
from bot.vault.master_key import MasterKey, Stretching
from bot.vault.ring_contents import (
    RingContents,
    contents_from_json,
    contents_to_json,
    new_contents,
    new_contents_around,
    organisation_to_json,
)

RING_FILE = "key-ring"


class KeyRing:
    """An opened ring. Made by `create`, `open` or `restore`; safe to use from several threads."""

    def __init__(
        self, path: Path, master: MasterKey, stretching: Stretching | None, seen: tuple[Stamp, RingContents]
    ) -> None:
        """For `create`, `open` and `restore` only."""
        self._path = path
        self._master = master
        self._stretching = stretching
        self._seen = seen
        self._lock = threading.Lock()
        self._trusts_for = self._trusted_until = 0.0

    @property
    def path(self) -> Path:
        """The ring file."""
        return self._path

    @staticmethod
    def exists(folder: Path) -> bool:
        """Say whether the folder holds a ring."""
        return stamp_of(folder / RING_FILE) is not None

    @classmethod
    def create(cls, folder: Path, master: MasterKey, now: datetime) -> "KeyRing":
        """Draw and write a new ring; the folder is made if need be.

        Raises `RingExists`, and `PassphraseTooShort` for a passphrase that can be guessed.
        """
        return cls._write_first(folder, master, new_contents(now))

    @classmethod
    def restore(cls, folder: Path, master: MasterKey, part: bytes, now: datetime) -> "KeyRing":
        """Write a new ring around the organisation's part from a backup: new epochs, no conversations.

        Raises `RingExists`, `WrongMasterKey` (the backup was made under another), `RingTorn` (the part is
        damaged).
        """
        path = folder / RING_FILE
        try:
            _, plain = unpack(ORGANISATION, master, part)
            contents = new_contents_around(plain, now)
        except (Torn, ValueError, KeyError) as error:
            raise RingTorn(path, f"the part in the backup: {error}") from None
        return cls._write_first(folder, master, contents)

    @classmethod
    def open(cls, folder: Path, master: MasterKey) -> "KeyRing":
        """Read the ring. Raises `RingMissing`, `RingTorn`, `WrongMasterKey`."""
        path = folder / RING_FILE
        stretching, seen = _read(path, master)
        return cls(path, master, stretching, seen)

    @staticmethod
    def destroy(folder: Path) -> None:
        """Overwrite (as far as the file system allows) and unlink the ring; nothing opens anything then."""
        if not folder.is_dir():
            return
        with only_writer(folder):
            remove_durably(folder / RING_FILE)

    def trust_for(self, seconds: float) -> None:
        """Look at the file at most once in `seconds`: in a busy moment every message would look.

        What this process changes it sees at once; what another one does, that much later.
        """
        self._trusts_for = seconds

    def contents(self) -> RingContents:
        """Return the ring as it is on disk now; read again only if another process has replaced it.

        Raises `RingMissing` if the file is gone: a ring pulled out opens nothing more.
        """
        seen, contents = self._seen
        if self._trusted_until > (now := time.monotonic()):
            return contents
        now_there = stamp_of(self._path)
        if now_there == seen:
            self._trusted_until = now + self._trusts_for
            return contents
        if now_there is None:
            raise RingMissing(self._path)
        return self.reread()

    def reread(self) -> RingContents:
        """Read the file again, whatever its stamp. Raises `RingMissing`, `RingTorn`, `WrongMasterKey`."""
        with self._lock:
            self._stretching, self._seen = _read(self._path, self._master)
            return self._seen[1]

    def change(self, alter: Callable[[RingContents], RingContents]) -> tuple[RingContents, RingContents]:
        """Alter what is on disk now, write it durably, then use it. Returns before and after.

        Nothing is written if `alter` returns its argument's equal. Raises `RingMissing`, `RingTorn`,
        `WrongMasterKey` or `OSError` (disk full, read-only): then the ring on disk is the old one or, if only
        the last sync failed, the new one, and `contents` follows it. Trying again is safe.
        """
        with self._lock, only_writer(self._folder()):
            self._stretching, (stamp, before) = _read(self._path, self._master)
            after = alter(before)
            if after != before:
                stamp = replace_durably(self._path, self._packed(after))
            self._seen = (stamp, after)
        return before, after

    def organisation_part(self) -> bytes:
        """Return the organisation's own keys, sealed by the master key, for `backup`. No epoch is in it."""
        return pack(ORGANISATION, self._master, self._stretching, organisation_to_json(self.contents()))

    def _packed(self, contents: RingContents) -> bytes:
        return pack(RING, self._master, self._stretching, contents_to_json(contents))

    def _folder(self) -> Path:
        if not self._path.parent.is_dir():
            raise RingMissing(self._path)
        return self._path.parent

    @classmethod
    def _write_first(cls, folder: Path, master: MasterKey, contents: RingContents) -> "KeyRing":
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / RING_FILE
        with only_writer(folder):
            if stamp_of(path) is not None:
                raise RingExists(path)
            stretching = master.new_stretching()
            stamp = replace_durably(path, pack(RING, master, stretching, contents_to_json(contents)))
        return cls(path, master, stretching, (stamp, contents))


def _read(path: Path, master: MasterKey) -> tuple[Stretching | None, tuple[Stamp, RingContents]]:
    """Read one version whole. A replaced version is overwritten, so a bad read of an old one is repeated."""
    while True:
        try:
            stamp, packed = read_whole(path)
        except FileNotFoundError:
            raise RingMissing(path) from None
        try:
            stretching, plain = unpack(RING, master, packed)
            return stretching, (stamp, contents_from_json(plain))
        except (Torn, WrongMasterKey, ValueError, KeyError) as error:
            if stamp_of(path) != stamp:
                continue
            if isinstance(error, WrongMasterKey):
                raise
            raise RingTorn(path, str(error)) from None
