"""What lies in the key ring: the organisation's two keys, epochs, index keys of the weeks, block keys.

Plain values; `KeyRing` puts them on disk. Every change returns a new value.
"""

import base64
import json
import secrets
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.vault.master_key import KEY_SIZE

BLOCK_KEY_DRAWN_FOR = timedelta(days=15)
"""New blocks take a block key this long; no block lasts longer than this either."""
BLOCK_KEY_LIVES = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DatedKey:
    """The key of an epoch, an index week or of blocks: in use from `begun` until its successor's `begun`.

    `id` has at most 16 characters: a date or week one can read, and letters by lot, so that two rings
    never give two keys one name.
    """

    id: str
    begun: datetime
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RingContents:
    """All keys of one hotline, the dated ones oldest first; the last of a kind is the current one.

    Block keys are drawn when one is needed, so there may be none.
    """

    organisation: bytes = field(repr=False)
    organisation_index: bytes = field(repr=False)
    epochs: tuple[DatedKey, ...]
    index_keys: tuple[DatedKey, ...]
    block_keys: tuple[DatedKey, ...] = ()

    @property
    def current_epoch(self) -> DatedKey:
        """The epoch new data keys are wrapped in."""
        return self.epochs[-1]

    def epoch(self, epoch_id: str) -> DatedKey | None:
        """Return the epoch of that id, None if it is not (or no longer) here."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.id == epoch_id), None)

    def with_new_epoch(self, now: datetime) -> "RingContents":
        """Add an epoch and make it current."""
        return replace(self, epochs=(*self.epochs, _new_epoch(now)))

    def without_epochs(self, gone: AbstractSet[str]) -> "RingContents":
        """Drop the epochs named in `gone`; the current one always stays."""
        kept = tuple(epoch for epoch in self.epochs[:-1] if epoch.id not in gone)
        return replace(self, epochs=(*kept, self.current_epoch))

    def with_index_week(self, now: datetime) -> "RingContents":
        """Add the index key of `now`'s ISO week, unless that week has one.

        A week, once turned, is not turned back: if the clock jumps back into a week that has its key,
        nothing happens. If it jumps back into a week without one, that week gets its key, so that a
        clock that was wrong by years does not stop the turning for years.
        """
        week = _week(now)
        if any(key.id.startswith(week) for key in self.index_keys):
            return self
        return replace(self, index_keys=(*self.index_keys, _new_index_key(now)))

    def without_index_keys(self, before: datetime) -> "RingContents":
        """Drop index keys that went out of use before that moment; the current one always stays."""
        keys = self.index_keys
        # The earliest of all later ones, so that one key from a clock years ahead pins none before it.
        kept = [key for at, key in enumerate(keys[:-1], 1) if min(k.begun for k in keys[at:]) >= before]
        return replace(self, index_keys=(*kept, keys[-1]))

    def block_key(self, now: datetime) -> DatedKey | None:
        """The key new blocks are made with at `now`; None where one must be drawn first."""
        latest = self.block_keys[-1] if self.block_keys else None
        if latest is None or not timedelta() <= now - latest.begun < BLOCK_KEY_DRAWN_FOR:
            return None
        return latest

    def with_block_key(self, now: datetime) -> "RingContents":
        """Draw a block key, unless there is one for this moment."""
        if self.block_key(now) is not None:
            return self
        return replace(self, block_keys=(*self.block_keys, _new_block_key(now)))

    def without_old_block_keys(self, now: datetime) -> "RingContents":
        """Drop block keys older than BLOCK_KEY_LIVES, and those a clock far ahead has drawn."""
        kept = [
            key
            for key in self.block_keys
            if now - BLOCK_KEY_LIVES < key.begun and key.begun < now + BLOCK_KEY_DRAWN_FOR
        ]
        return replace(self, block_keys=tuple(kept))


def new_contents(now: datetime) -> RingContents:
    """Draw all keys of a new hotline."""
    return RingContents(_new_secret(), _new_secret(), (_new_epoch(now),), (_new_index_key(now),))


def contents_to_json(contents: RingContents) -> bytes:
    """Write the contents as the ring file keeps them, before sealing."""
    return json.dumps(
        {
            "organisation": _text(contents.organisation),
            "organisation_index": _text(contents.organisation_index),
            "epochs": [_dated_to_json(key) for key in contents.epochs],
            "index_keys": [_dated_to_json(key) for key in contents.index_keys],
            "block_keys": [_dated_to_json(key) for key in contents.block_keys],
        }
    ).encode()


def contents_from_json(plain: bytes) -> RingContents:
    """Read what `contents_to_json` wrote. Raises `ValueError` or `KeyError` if it is not that."""
    found: dict[str, Any] = json.loads(plain)
    contents = RingContents(
        _secret(found["organisation"]),
        _secret(found["organisation_index"]),
        tuple(_dated_from_json(key) for key in found["epochs"]),
        tuple(_dated_from_json(key) for key in found["index_keys"]),
        tuple(_dated_from_json(key) for key in found.get("block_keys", ())),  # rings of before had none
    )
    if not contents.epochs or not contents.index_keys:
        raise ValueError("a ring without an epoch or without an index key")
    return contents


def organisation_to_json(contents: RingContents) -> bytes:
    """Write the organisation's own keys alone: all a backup may hold (no epoch, no index week)."""
    keys = {
        "organisation": _text(contents.organisation),
        "organisation_index": _text(contents.organisation_index),
    }
    return json.dumps(keys).encode()


def new_contents_around(plain: bytes, now: datetime) -> RingContents:
    """Draw new epochs and index keys around the organisation's keys from a backup.

    Raises `ValueError` or `KeyError` if `plain` is not what `organisation_to_json` wrote.
    """
    found: dict[str, Any] = json.loads(plain)
    return replace(
        new_contents(now),
        organisation=_secret(found["organisation"]),
        organisation_index=_secret(found["organisation_index"]),
    )


def _new_secret() -> bytes:
    return secrets.token_bytes(KEY_SIZE)


def _letters() -> str:
    return base64.b32encode(secrets.token_bytes(5)).decode("ascii").lower()


def _new_epoch(now: datetime) -> DatedKey:
    begun = now.astimezone(UTC)
    return DatedKey(f"{begun:%Y%m%d}{_letters()}", begun, _new_secret())


def _new_index_key(now: datetime) -> DatedKey:
    return DatedKey(f"{_week(now)}{_letters()}", now.astimezone(UTC), _new_secret())


def _new_block_key(now: datetime) -> DatedKey:
    begun = now.astimezone(UTC)
    return DatedKey(f"{begun:%Y%m%d}{_letters()}", begun, _new_secret())


def _week(now: datetime) -> str:
    year, week, _ = now.astimezone(UTC).isocalendar()
    return f"{year:04d}W{week:02d}-"


def _text(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")


def _secret(text: str) -> bytes:
    secret = base64.b64decode(text, validate=True)
    if len(secret) != KEY_SIZE:
        raise ValueError("a key of the wrong length")
    return secret


def _dated_to_json(key: DatedKey) -> dict[str, str]:
    return {"id": key.id, "begun": key.begun.isoformat(), "secret": _text(key.secret)}


def _dated_from_json(found: dict[str, Any]) -> DatedKey:
    begun = datetime.fromisoformat(found["begun"])
    if begun.tzinfo is None:
        raise ValueError("a moment without its zone")
    return DatedKey(str(found["id"]), begun, _secret(found["secret"]))
