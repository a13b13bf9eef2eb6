"""The database knows its key ring: an older copy, or another one, is refused in time (PR1, PR7)."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.services import epochs
from bot.store import tables as t
from bot.store.moments import to_moment
from bot.vault.errors import OtherRing
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import load_master_key
from bot.vault.vault import Vault
from tests.services.walks import opens
from tests.town import Town


def ring_of(town: Town, folder: Path) -> Vault:
    return Vault(KeyRing.open(folder, load_master_key(town.folder / "master.key")))


def noted(town: Town) -> dict[str, bool]:
    """Epoch → whether it is retired."""
    return {row.id: row.retired_at is not None for row in town.rows(t.epoch)}


async def test_an_epoch_is_retired_only_when_nothing_is_wrapped_by_it(either_town: Town) -> None:
    town = either_town
    await opens(town, "ann", "telegram")
    first = town.house.vault.current_epoch
    town.write(lambda c: epochs.note(c, town.house.vault))
    second = town.house.vault.begin_epoch(town.clock.now() + timedelta(days=1))
    assert town.write(lambda c: epochs.retire(c, town.house, town.now)) == frozenset()
    assert noted(town) == {first: False, second: False}
    town.turns_keys()
    third = town.house.vault.current_epoch
    assert noted(town) == {first: True, second: True, third: False}
    assert town.house.vault.epochs == (third,), "what is retired is shredded"


async def test_a_turn_cut_short_between_retiring_and_shredding_is_finished_by_the_next(
    either_town: Town,
) -> None:
    town = either_town
    town.write(lambda c: epochs.note(c, town.house.vault))
    first = town.house.vault.current_epoch
    town.house.vault.begin_epoch(town.clock.now() + timedelta(days=1))
    assert town.write(lambda c: epochs.retire(c, town.house, town.now)) == {first}
    # The process died here: the ring still holds the key.
    assert town.write(lambda c: epochs.retire(c, town.house, town.now)) == {first}


async def test_an_older_copy_of_the_ring_is_refused_and_the_right_one_is_not(
    either_town: Town, tmp_path: Path
) -> None:
    town = either_town
    shutil.copytree(town.folder / "keys", tmp_path / "copy")
    town.write(lambda c: epochs.refuse_other_ring(c, ring_of(town, tmp_path / "copy")))
    town.clock.move(days=1)
    town.house.vault.begin_epoch(town.clock.now())
    town.write(lambda c: epochs.note(c, town.house.vault))
    with pytest.raises(OtherRing, match="Nothing was changed"):
        town.read(lambda c: epochs.refuse_other_ring(c, ring_of(town, tmp_path / "copy")))
    town.turns_keys()
    with pytest.raises(OtherRing, match="older copy"):
        town.read(lambda c: epochs.refuse_other_ring(c, ring_of(town, tmp_path / "copy")))
    town.read(lambda c: epochs.refuse_other_ring(c, ring_of(town, town.folder / "keys")))


async def test_words_are_not_taken_for_erased_because_a_ring_is_too_old(
    either_town: Town, tmp_path: Path
) -> None:
    town = either_town
    shutil.copytree(town.folder / "keys", tmp_path / "copy")
    town.clock.move(days=1)
    town.house.vault.begin_epoch(town.clock.now())
    town.write(lambda c: epochs.note(c, town.house.vault))
    ann = await opens(town, "ann", "telegram")
    (before,) = town.rows(t.conversation)
    right, town.house.vault = town.house.vault, ring_of(town, tmp_path / "copy")
    ann.types("are you there?")
    with pytest.raises(OtherRing):
        await town.settle()
    town.house.vault = right
    assert [row.stage for row in town.rows(t.conversation)] == [before.stage]
    told = len(ann.texts())
    await town.settle()
    assert len(ann.texts()) > told, "with the right ring she is answered"


async def test_a_database_older_than_the_ring_forgets_what_was_retired_since(either_town: Town) -> None:
    town = either_town
    town.write(lambda c: epochs.note(c, town.house.vault))
    gone = to_moment(town.clock.now() - timedelta(days=3))
    lost = {"id": "20200101deadbeef", "begun_at": gone, "retired_at": None}
    town.write(lambda c: c.execute(insert(t.epoch), [lost]))
    town.read(lambda c: epochs.refuse_other_ring(c, town.house.vault))
    town.write(lambda c: epochs.forget_missing(c, town.house.vault))
    assert noted(town) == {town.house.vault.current_epoch: False}


async def test_what_was_retired_long_ago_is_not_kept(either_town: Town) -> None:
    town = either_town
    town.write(lambda c: epochs.note(c, town.house.vault))
    town.clock.move(days=1)
    town.turns_keys()
    assert sorted(noted(town).values()) == [False, True]
    town.write(lambda c: epochs.forget(c, town.now))
    assert len(noted(town)) == 2, "not before its time"
    town.write(lambda c: epochs.forget(c, town.now + 1))
    assert noted(town) == {town.house.vault.current_epoch: False}
