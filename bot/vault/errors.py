"""What can be wrong with keys and sealed fields.

VaultError
├── Unopenable              one sealed field or wrapped key: wrong key, wrong place, torn, unknown version
├── KeyGone                 the epoch that wrapped a data key was shredded: what it sealed is erased
├── SecretHashUnreadable    a stored password or phrase hash is none
├── MasterKeyError          the master key itself
│   ├── MasterKeyMissing
│   ├── MasterKeyUnreadable
│   ├── MasterKeyExists
│   ├── PassphraseTooShort
│   └── WrongMasterKey      good in form, but not the one that sealed this ring
└── RingError               the file of keys
    ├── RingMissing
    ├── RingTorn
    ├── RingExists
    └── OtherRing           a ring, but not the one this database goes with

Messages name places and cures, never content, never a secret.
"""

from pathlib import Path


class VaultError(Exception):
    """Root of this tree."""


class Unopenable(VaultError):
    """A sealed field cannot be opened with this key at this place. `where` names table, column and row."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} cannot be opened: {reason}")
        self.where = where
        self.reason = reason


class KeyGone(VaultError):
    """The epoch under which a data key was wrapped is no longer in the ring: nothing opens it (PR7).

    Not a fault of the machine: after an erasure, or a restore without a ring, this is what is promised.
    """

    def __init__(self, key_id: str, epoch: str) -> None:
        super().__init__(f"data key {key_id} was wrapped in epoch {epoch}, which has been shredded")
        self.key_id = key_id
        self.epoch = epoch


class SecretHashUnreadable(VaultError):
    """What was stored as the hash of a password or phrase is not one."""


class MasterKeyError(VaultError):
    """The master key cannot be used."""


class MasterKeyMissing(MasterKeyError):
    """No master key was named, or there is no file where it should be."""


class MasterKeyUnreadable(MasterKeyError):
    """There is a file, but it is not a safe master key: wide mode, wrong length, not base64."""


class MasterKeyExists(MasterKeyError):
    """A new master key would overwrite one that is there."""


class PassphraseTooShort(MasterKeyError):
    """A new ring would be sealed by a passphrase that can be guessed."""


class WrongMasterKey(MasterKeyError):
    """The ring is whole, but this master key did not seal it."""


class RingError(VaultError):
    """The key ring cannot be used. `path` is the ring file."""

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(sentence)
        self.path = path


class RingMissing(RingError):
    """There is no key ring where one should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"There is no key ring at {path}. Without it no conversation and no contact record can be "
            "opened, by anyone, ever. If the ring lies on a volume of its own, mount it and start again. "
            "If you copied ring and database together, with the service stopped, put back both. If it is "
            "lost, begin anew: `hotline init` with an empty data folder, and an empty database, from the "
            "scripts, resources and rota you exported; people are invited anew. For a first start run "
            "`hotline init`.",
        )


class RingTorn(RingError):
    """The ring file is damaged or not a ring."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            path,
            f"The key ring at {path} is damaged ({reason}). Stop the service and do not delete the file. "
            "If you copied ring and database together, with the service stopped, put back both. If there is "
            "no such copy, nothing here can be opened any more: begin anew with `hotline init` in an empty "
            "data folder, with an empty database, from the scripts, resources and rota you exported.",
        )


class OtherRing(RingError):
    """The ring is older than the database, or of another place; nothing was changed."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"The key ring at {path} is not the one this database goes with: it is an older copy, or of "
            "another place, and lacks keys that are in use. Nothing was changed. Where several processes "
            "serve one database they must share one folder of the key ring (HOTLINE_KEY_RING), by a shared "
            "disk if they run on several machines; a copy does not do. If you put back a copy, put back "
            "database and ring of the same moment, both.",
        )


class RingExists(RingError):
    """A new ring would overwrite one that is there."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"There is a key ring at {path} already. A new one would make every open conversation "
            "unreadable. To begin anew on purpose, run `hotline destroy-now` first.",
        )
