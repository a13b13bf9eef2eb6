"""The vault: data keys, epochs and blind indexes over one key ring (design §6; PR6, PR7).

How an epoch turns: `begin_epoch`; `rewrap` every live data key; commit; note in the database that the epochs
no row names are retired; commit; `shred_epochs` those. A retired epoch is never used again, so whoever shreds
it, and however late, destroys nothing that lives (`bot.services.turning`).
"""

import hmac
import secrets
from collections.abc import Iterable, Set as AbstractSet
from datetime import datetime
from pathlib import Path

from bot.vault.envelope import DataKey
from bot.vault.errors import KeyGone
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import KEY_SIZE
from bot.vault.ring_contents import DatedKey
from bot.vault.wrapping import WrappedKey, unwrap, wrap

_BLOCK = b"hearthline/block/1"
ORGANISATION_KEY = "organisation"
"""Id of the organisation's data key."""


class Vault:
    """What the rest of the house sees of the keys. Every answer follows the ring file as it is now."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    # --- keys -----------------------------------------------------------------------------------------

    @property
    def organisation(self) -> DataKey:
        """The key of staff, rota, scripts, cursors and audit. It outlives epochs and lies in backups."""
        return DataKey(ORGANISATION_KEY, self._ring.contents().organisation)

    def new_data_key(self, key_id: str) -> tuple[DataKey, WrappedKey]:
        """Draw a data key for one conversation or contact record, wrapped in the current epoch.

        The epoch's key is on disk. Store the wrapped key in the transaction that stores the first field
        sealed with it. Raises `RingMissing` if the ring is gone.
        """
        key = DataKey(key_id, secrets.token_bytes(KEY_SIZE))
        epoch = self._ring.contents().current_epoch
        return key, wrap(key, epoch.id, epoch.secret)

    def unwrap(self, wrapped: WrappedKey) -> DataKey:
        """Return the data key of a row.

        Raises `KeyGone` if its epoch was shredded (the ring file is read once more before saying so),
        `Unopenable` if the row was altered.
        """
        return unwrap(wrapped, self._epoch_of(wrapped).secret)

    def unwrap_all(self, rows: Iterable[WrappedKey]) -> dict[str, DataKey]:
        """Return the data keys of a batch of rows by id; looks at the ring once. Raises as `unwrap`."""
        contents, keys = self._ring.contents(), dict[str, DataKey]()
        for wrapped in rows:
            if wrapped.id not in keys:
                epoch = contents.epoch(wrapped.epoch) or self._epoch_of(wrapped)
                keys[wrapped.id] = unwrap(wrapped, epoch.secret)
        return keys

    def rewrap(self, wrapped: WrappedKey) -> WrappedKey:
        """Wrap the same data key in the current epoch; what it sealed stays as it is. Raises as `unwrap`."""
        key = self.unwrap(wrapped)
        epoch = self._ring.contents().current_epoch
        if wrapped.epoch == epoch.id:
            return wrapped
        return wrap(key, epoch.id, epoch.secret)

    # --- epochs ---------------------------------------------------------------------------------------

    @property
    def current_epoch(self) -> str:
        """Id of the epoch new data keys are wrapped in, at most 16 characters."""
        return self._ring.contents().current_epoch.id

    @property
    def epochs(self) -> tuple[str, ...]:
        """Ids of all epochs in the ring, oldest first; more than one between a turn and its shredding."""
        return tuple(epoch.id for epoch in self._ring.contents().epochs)

    @property
    def epoch_begun(self) -> datetime:
        """When the current epoch began: it is due to turn a day later."""
        return self._ring.contents().current_epoch.begun

    def holds(self, epoch: str) -> bool:
        """Say whether that epoch is still in the ring file, so that what it wraps will open."""
        return self._ring.contents().epoch(epoch) is not None

    def begin_epoch(self, now: datetime) -> str:
        """Add an epoch to the ring file durably, make it current, return its id."""
        _, after = self._ring.change(lambda contents: contents.with_new_epoch(now))
        return after.current_epoch.id

    @property
    def ring_path(self) -> Path:
        """Where the ring file lies, for messages."""
        return self._ring.path

    @property
    def epochs_begun(self) -> tuple[tuple[str, datetime], ...]:
        """Ids of all epochs in the ring with the moment each began, oldest first."""
        return tuple((epoch.id, epoch.begun) for epoch in self._ring.contents().epochs)

    def look_again(self) -> None:
        """Read the ring file, whatever its stamp says: shared storage may show an old one for a while."""
        self._ring.reread()

    def shred_epochs(self, gone: AbstractSet[str]) -> tuple[str, ...]:
        """Remove the epochs in `gone` from the ring file durably; the current one always stays.

        Returns the ids removed. What was wrapped in them alone is erased, here and in every copy (PR7).
        """
        before, after = self._ring.change(lambda contents: contents.without_epochs(gone))
        left = {epoch.id for epoch in after.epochs}
        return tuple(epoch.id for epoch in before.epochs if epoch.id not in left)

    # --- blind indexes --------------------------------------------------------------------------------

    def address_indexes(self, channel: str, handle: str) -> list[tuple[str, bytes]]:
        """Return (index key id, HMAC-SHA256) of an address under every index key held, this week's first.

        Store the first; look up by all.
        """
        return self._indexes(b"hearthline/address/1", channel, handle)

    def external_indexes(self, channel: str, external_id: str) -> list[tuple[str, bytes]]:
        """Return the same for a channel's id of an inbound message (PR2). Never equal to an address's."""
        return self._indexes(b"hearthline/external/1", channel, external_id)

    def block_index(self, channel: str, handle: str, now: datetime) -> tuple[str, bytes]:
        """Return (block key id, HMAC-SHA256) of an address to be blocked, under a key of its own kind.

        The key is drawn durably where there is none; it dies within thirty days (`drop_old_block_keys`), and
        with it anybody's means to tell whom the digest means.
        """
        key = self._ring.contents().block_key(now)
        if key is None:
            _, after = self._ring.change(lambda contents: contents.with_block_key(now))
            key = after.block_keys[-1]
        return key.id, hmac.digest(key.secret, _joined(_BLOCK, channel, handle), "sha256")

    def block_indexes(self, channel: str, handle: str) -> list[tuple[str, bytes]]:
        """Return the same under every block key held; none where none is."""
        text = _joined(_BLOCK, channel, handle)
        keys = self._ring.contents().block_keys
        return [(key.id, hmac.digest(key.secret, text, "sha256")) for key in keys]

    def drop_old_block_keys(self, now: datetime) -> tuple[str, ...]:
        """Remove block keys whose time is over durably; return their ids."""
        old, new = self._ring.change(lambda contents: contents.without_old_block_keys(now))
        left = {key.id for key in new.block_keys}
        return tuple(key.id for key in old.block_keys if key.id not in left)

    def organisation_index(self, kind: str, value: str) -> bytes:
        """Return the blind index of an alias or sign-in token; lasts as long as the organisation's keys.

        `value` is taken as it is: casefold before if case should not matter.
        """
        secret = self._ring.contents().organisation_index
        return hmac.digest(secret, _joined(b"hearthline/organisation/1", kind, value), "sha256")

    def turn_index_week(self, now: datetime) -> str | None:
        """Add the index key of `now`'s ISO week durably; None if that week has its key already."""
        before, after = self._ring.change(lambda contents: contents.with_index_week(now))
        return None if after == before else after.index_keys[-1].id

    def drop_index_keys(self, before: datetime) -> tuple[str, ...]:
        """Remove index keys that went out of use before that moment; return their ids.

        How long to keep them is the caller's to say: as long as the longest-lived record indexed by them.
        """
        old, new = self._ring.change(lambda contents: contents.without_index_keys(before))
        left = {key.id for key in new.index_keys}
        return tuple(key.id for key in old.index_keys if key.id not in left)

    # ----------------------------------------------------------------------------------------------------

    def _epoch_of(self, wrapped: WrappedKey) -> DatedKey:
        epoch = self._ring.contents().epoch(wrapped.epoch) or self._ring.reread().epoch(wrapped.epoch)
        if epoch is None:
            raise KeyGone(wrapped.id, wrapped.epoch)
        return epoch

    def _indexes(self, domain: bytes, channel: str, value: str) -> list[tuple[str, bytes]]:
        text = _joined(domain, channel, value)
        keys = reversed(self._ring.contents().index_keys)
        return [(key.id, hmac.digest(key.secret, text, "sha256")) for key in keys]


def _joined(domain: bytes, *parts: str) -> bytes:
    """The lengths keep ("ab", "c") and ("a", "bc") apart."""
    encoded = [part.encode() for part in parts]
    return b"".join((domain, b"\x00", *(len(part).to_bytes(4, "big") + part for part in encoded)))
