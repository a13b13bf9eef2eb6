"""What a channel must remember itself, sealed: device keys, sessions, how to reach somebody (PR6, PR7).

Rows about a person lie under a data key of that person, one for each of `Lives.CONTACT` and `Lives.TALK`, and
die with it. They are found by a blind index of her address under the keys of the weeks, as her record is.
"""

from collections.abc import Collection, Iterable

import orjson
from sqlalchemy import Connection, Select, delete, insert, select

from bot.identifiers import Identifiers
from bot.store import tables as t
from bot.vault.envelope import DataKey, Place, open_sealed, seal
from bot.vault.errors import KeyGone, Unopenable
from bot.vault.vault import Vault, WrappedKey
from channels.message import Lives, OwnRow

_Key = tuple[str, str]  # owner and life
OF_HERS = (Lives.CONTACT, Lives.TALK)


def load(connection: Connection, vault: Vault, channel: str) -> tuple[OwnRow, ...]:
    """Every row of a channel that a key still opens; what no key opens is as good as erased."""
    query = (
        select(t.own_row, t.data_key.c.epoch, t.data_key.c.wrapped)
        .outerjoin(t.data_key, t.data_key.c.id == t.own_row.c.data_key)
        .where(t.own_row.c.channel == channel)
        .order_by(t.own_row.c.id)
    )
    keys: dict[str, DataKey] = {}
    found: list[OwnRow] = []
    for row in connection.execute(query):
        try:
            if row.data_key is None:
                key = vault.organisation
            elif (known := keys.get(row.data_key)) is not None:
                key = known
            elif row.wrapped is None:
                continue
            else:
                key = keys[row.data_key] = vault.unwrap(WrappedKey(row.data_key, row.epoch, row.wrapped))
            owner, body = _parted(open_sealed(key, _place(row.id), row.body_sealed))
        except (KeyGone, Unopenable):
            continue
        found.append(OwnRow(row.id, Lives(row.lives), owner, body))
    return tuple(found)


def write(
    connection: Connection, vault: Vault, identifiers: Identifiers, channel: str, rows: Iterable[OwnRow]
) -> None:
    """Write rows, replacing those of the same id; a data key without rows is destroyed."""
    every = {row.id: row for row in rows}
    if not every:
        return
    old = select(t.own_row.c.data_key).where(
        t.own_row.c.id.in_(list(every)), t.own_row.c.data_key.is_not(None)
    )
    touched = set(connection.execute(old).scalars())
    connection.execute(delete(t.own_row).where(t.own_row.c.id.in_(list(every))))
    fresh = [row for row in every.values() if row.body is not None]
    indexes = {owner: _indexes(vault, channel, owner) for owner in {row.owner for row in fresh}}
    keys = _keys(connection, vault, identifiers, channel, fresh, indexes)
    if fresh:
        connection.execute(
            insert(t.own_row),
            [
                {
                    "id": row.id,
                    "channel": channel,
                    "lives": row.lives.value,
                    "owner_index": None if row.lives is Lives.LINE else indexes[row.owner][0],
                    "data_key": None if row.lives is Lives.LINE else keys[row.owner, row.lives.value].id,
                    "body_sealed": seal(
                        vault.organisation if row.lives is Lives.LINE else keys[row.owner, row.lives.value],
                        _place(row.id),
                        _joined(row.owner, row.body or b""),
                    ),
                }
                for row in fresh
            ],
        )
    _drop_keys(connection, touched - {key.id for key in keys.values()})


def erase(
    connection: Connection, vault: Vault, channel: str, owner: str, lives: Collection[Lives] = OF_HERS
) -> None:
    """Erase the rows about an address, and their keys."""
    row = t.own_row.c
    hers = (row.channel == channel) & row.owner_index.in_(_indexes(vault, channel, owner))
    mine = hers & row.lives.in_([life.value for life in lives])
    keys = set(connection.execute(select(row.data_key).where(mine).distinct()).scalars())
    connection.execute(delete(t.own_row).where(mine))
    _drop_keys(connection, keys)


def forget_unopenable(connection: Connection, keys: Select[str]) -> None:
    """Take away rows under any of these data keys."""
    connection.execute(delete(t.own_row).where(t.own_row.c.data_key.in_(keys)))


def _keys(
    connection: Connection,
    vault: Vault,
    identifiers: Identifiers,
    channel: str,
    rows: list[OwnRow],
    indexes: dict[str, list[bytes]],
) -> dict[_Key, DataKey]:
    """The data key of each owner and life, found or made."""
    wanted = {(row.owner, row.lives.value) for row in rows if row.lives is not Lives.LINE}
    owners = {digest: owner for owner, digests in indexes.items() for digest in digests}
    row, key = t.own_row.c, t.data_key.c
    query = (
        select(row.owner_index, row.lives, key.id, key.epoch, key.wrapped)
        .join(t.data_key, key.id == row.data_key)
        .where(row.channel == channel, row.owner_index.in_(list(owners)))
        .distinct()
    )
    found: dict[_Key, DataKey] = {}
    for one in connection.execute(query) if wanted else ():
        name = (owners[bytes(one.owner_index)], one.lives)
        if name in wanted and name not in found:
            found[name] = vault.unwrap(WrappedKey(one.id, one.epoch, one.wrapped))
    for name in sorted(wanted - found.keys()):
        made, wrapped = vault.new_data_key(identifiers.new_id())
        connection.execute(
            insert(t.data_key).values(id=made.id, epoch=wrapped.epoch, wrapped=wrapped.wrapped)
        )
        found[name] = made
    return found


def _drop_keys(connection: Connection, keys: Collection[str]) -> None:
    """Destroy data keys under which no row is left."""
    if keys:
        used = select(t.own_row.c.id).where(t.own_row.c.data_key == t.data_key.c.id).exists()
        connection.execute(delete(t.data_key).where(t.data_key.c.id.in_(list(keys)), ~used))


def _indexes(vault: Vault, channel: str, owner: str) -> list[bytes]:
    """Blind indexes of an owner, this week's first; apart from those of her contact record."""
    return [digest for _, digest in vault.address_indexes(f"{channel}/own", owner)]


def _place(row: str) -> Place:
    return Place("own_row", "body_sealed", row)


def _joined(owner: str, body: bytes) -> bytes:
    name = orjson.dumps(owner)
    return len(name).to_bytes(4, "big") + name + body


def _parted(plain: bytes) -> tuple[str, bytes]:
    end = 4 + int.from_bytes(plain[:4], "big")
    return str(orjson.loads(plain[4:end])), plain[end:]
