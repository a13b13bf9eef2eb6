"""The master key: seals the key ring and nothing else.

32 random bytes in base64 in a file of mode 0600, a systemd credential (a path like any other), or a
passphrase stretched by Argon2id. Never an environment variable: those are inherited and shown.
"""

import base64
import binascii
import os
import secrets
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

from bot.vault.durable import create_durably
from bot.vault.errors import (
    MasterKeyExists,
    MasterKeyMissing,
    MasterKeyUnreadable,
    PassphraseTooShort,
    WrongMasterKey,
)

KEY_SIZE = 32
SHORTEST_PASSPHRASE = 20
"""Characters. Who holds a copy of ring and database has all the time in the world to guess."""

_HOW_TO_MAKE_ONE = (
    "To make one: head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE. Keep a copy elsewhere."
)


@dataclass(frozen=True, slots=True)
class Stretching:
    """How a passphrase becomes a key: Argon2id's salt and cost, kept in the ring's header.

    Cost: passes, memory in KiB, lanes.
    """

    salt: bytes
    passes: int = 4
    memory: int = 128 * 1024
    lanes: int = 1


class MasterKey:
    """A master key in memory."""

    __slots__ = ("_passphrase", "_salt", "_secret", "_stretched")

    def __init__(
        self, secret: bytes | None, passphrase: str | None = None, salt: bytes | None = None
    ) -> None:
        """Take either 32 bytes or a passphrase; `salt` is for a new ring, an old one brings its own."""
        if (secret is None) == (passphrase is None):
            raise ValueError("a master key is either a secret or a passphrase")
        self._secret = secret
        self._passphrase = passphrase
        self._salt = salt
        self._stretched: tuple[Stretching, bytes] | None = None

    def new_stretching(self) -> Stretching | None:
        """Return the header of a new ring: None for a key file, else salt and today's cost.

        Raises `PassphraseTooShort`.
        """
        if self._passphrase is None:
            return None
        if len(self._passphrase) < SHORTEST_PASSPHRASE:
            raise PassphraseTooShort(
                f"The passphrase has fewer than {SHORTEST_PASSPHRASE} characters and could be guessed by "
                "whoever copies the disk. Take six words drawn by lot, or use a key file."
            )
        return Stretching(self._salt or secrets.token_bytes(16))

    def secret_for(self, stretching: Stretching | None) -> bytes:
        """Return the 32 bytes that seal a ring with this header; stretching is done once and kept.

        Raises `WrongMasterKey` if the ring wants the other kind of key.
        """
        if stretching is None:
            if self._secret is None:
                raise WrongMasterKey(
                    "This key ring is sealed by a key file, and a passphrase was given. "
                    "Name the key file (HOTLINE_MASTER_KEY_FILE)."
                )
            return self._secret
        if self._passphrase is None:
            raise WrongMasterKey(
                "This key ring is sealed by a passphrase, and a key file was given. Give the passphrase."
            )
        if self._stretched is None or self._stretched[0] != stretching:
            self._stretched = (stretching, _stretch(self._passphrase, stretching))
        return self._stretched[1]


def load_master_key(path: Path | None, passphrase: str | None = None, salt: bytes | None = None) -> MasterKey:
    """Read the master key from a file, or take a passphrase.

    Raises `MasterKeyMissing` (neither, or no such file) and `MasterKeyUnreadable` (both, wide mode,
    not base64, not 32 bytes), each with the cure.
    """
    if path is not None and passphrase is not None:
        raise MasterKeyUnreadable("Both a master key file and a passphrase are given. Keep one of them.")
    if passphrase is not None:
        return MasterKey(None, unicodedata.normalize("NFKC", passphrase), salt)
    if path is None:
        raise MasterKeyMissing(f"No master key is named. Set HOTLINE_MASTER_KEY_FILE. {_HOW_TO_MAKE_ONE}")
    return MasterKey(_decode(path, _read(path)))


def create_master_key(path: Path) -> MasterKey:
    """Write a new random master key to `path`, mode 0600, durably.

    Raises `MasterKeyExists` if something is there: overwriting a master key destroys every ring it sealed.
    """
    secret = secrets.token_bytes(KEY_SIZE)
    try:
        create_durably(path, base64.b64encode(secret) + b"\n")
    except FileExistsError:
        raise MasterKeyExists(
            f"There is a file at {path} already. It may be the only key of a ring, so it is left alone. "
            "Name another path, or move it away."
        ) from None
    return MasterKey(secret)


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe must not wait
    except FileNotFoundError:
        raise MasterKeyMissing(
            f"There is no master key at {path}. If it lies on another volume or is a credential of the "
            f"service, make it available and start again. {_HOW_TO_MAKE_ONE} "
            "A new one does not open an old key ring."
        ) from None
    except OSError as error:
        raise MasterKeyUnreadable(
            f"The master key at {path} cannot be read ({error.strerror}). "
            "It must be a file that belongs to the user the service runs as."
        ) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise MasterKeyUnreadable(f"{path} is not a file. {_HOW_TO_MAKE_ONE}")
        if _is_wide(found):
            mode = stat.S_IMODE(found.st_mode)
            raise MasterKeyUnreadable(
                f"The master key at {path} can be read or changed by others (mode {mode:04o}). "
                f"Run: chmod 600 {path}. If strangers could have read it, make a new one."
            )
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


def _is_wide(found: os.stat_result) -> bool:
    """root:root with mode 0440 is how systemd shows a credential: the group bits are its ACL's mask."""
    mode = stat.S_IMODE(found.st_mode)
    if mode == 0o440 and found.st_uid == 0 and found.st_gid == 0:
        return False
    return bool(mode & 0o077)


def _decode(path: Path, content: bytes) -> bytes:
    try:
        secret = base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        raise MasterKeyUnreadable(f"The master key at {path} is not base64. {_HOW_TO_MAKE_ONE}") from None
    if len(secret) != KEY_SIZE:
        raise MasterKeyUnreadable(
            f"The master key at {path} holds {len(secret)} bytes; it must hold {KEY_SIZE}. {_HOW_TO_MAKE_ONE}"
        )
    return secret


def _stretch(passphrase: str, stretching: Stretching) -> bytes:
    return hash_secret_raw(
        secret=passphrase.encode(),
        salt=stretching.salt,
        time_cost=stretching.passes,
        memory_cost=stretching.memory,
        parallelism=stretching.lanes,
        hash_len=KEY_SIZE,
        type=Type.ID,
    )
