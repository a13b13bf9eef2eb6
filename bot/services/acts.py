"""Acts of hers: what is sealed in one inbox row."""

from dataclasses import dataclass

import orjson

from bot.vault.envelope import DataKey, Place, open_sealed, seal


@dataclass(frozen=True, slots=True)
class Act:
    """What is sealed of one act of hers.

    `external_id` and `remote_id` are needed to delete her message later. `blocked` is the block her address
    was under when it came, "" for none.
    """

    kind: str
    text: str
    choice: str | None
    refers_to: str | None
    external_id: str
    remote_id: str | None
    language: str | None
    blocked: str = ""


def act_place(external_index: bytes) -> Place:
    """Where an act is sealed; the row's number is not known before it is written, its index is."""
    return Place("inbox", "body_sealed", external_index.hex())


def seal_act(key: DataKey, external_index: bytes, act: Act) -> bytes:
    """An act for its row."""
    plain = orjson.dumps([getattr(act, name) for name in act.__slots__])
    return seal(key, act_place(external_index), plain)


def open_act(key: DataKey, external_index: bytes, sealed: bytes) -> Act:
    """The inverse of `seal_act`."""
    return Act(*orjson.loads(open_sealed(key, act_place(external_index), sealed)))
