"""Data keys live as long as their epoch is in the ring, blind indexes as long as their week's key (PR7)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from bot.vault.envelope import DataKey, Place, open_sealed, seal
from bot.vault.errors import KeyGone, RingMissing, Unopenable
from bot.vault.key_ring import RING_FILE, KeyRing
from bot.vault.master_key import MasterKey
from bot.vault.ring_contents import contents_from_json, contents_to_json, new_contents
from bot.vault.vault import Vault
from bot.vault.wrapping import WrappedKey

NOW = datetime(2025, 7, 14, 12, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
MASTER = MasterKey(bytes(range(32)))
PLACE = Place("inbox", "body_sealed", "17")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(KeyRing.create(tmp_path, MASTER, NOW))


def turn(vault: Vault, live: list[WrappedKey], now: datetime) -> list[WrappedKey]:
    """One turn of the epoch as the leader does it."""
    vault.begin_epoch(now)
    rewrapped = [vault.rewrap(wrapped) for wrapped in live]
    vault.shred_epochs(set(vault.epochs) - {wrapped.epoch for wrapped in rewrapped})
    return rewrapped


# --- data keys ---------------------------------------------------------------------------------------------


def test_a_new_data_key_unwraps_to_itself(vault: Vault) -> None:
    key, wrapped = vault.new_data_key("hers")
    assert (wrapped.id, wrapped.epoch) == ("hers", vault.current_epoch)
    assert vault.unwrap(wrapped) == key
    assert key.secret not in wrapped.wrapped
    assert len(key.secret) == 32


def test_every_conversation_has_a_key_of_its_own(vault: Vault) -> None:
    secrets = {vault.new_data_key("hers")[0].secret for _ in range(20)} | {vault.organisation.secret}
    assert len(secrets) == 21


def test_what_was_sealed_opens_after_any_number_of_turns(vault: Vault) -> None:
    key, wrapped = vault.new_data_key("hers")
    sealed = seal(key, PLACE, b"words")
    live = [wrapped]
    for day in range(1, 5):
        live = turn(vault, live, NOW + day * DAY)
        assert open_sealed(vault.unwrap(live[0]), PLACE, sealed) == b"words"
    assert vault.epochs == (vault.current_epoch,)


def test_a_batch_of_rows_unwraps_as_each_row_does_and_refuses_a_shredded_one(vault: Vault) -> None:
    rows = [vault.new_data_key(f"hers-{number}")[1] for number in range(3)]
    assert vault.unwrap_all([*rows, rows[0]]) == {row.id: vault.unwrap(row) for row in rows}
    turn(vault, rows[:2], NOW + DAY)
    with pytest.raises(KeyGone):
        vault.unwrap_all(rows)


def test_rewrapping_within_the_epoch_changes_nothing(vault: Vault) -> None:
    _, wrapped = vault.new_data_key("hers")
    assert vault.rewrap(wrapped) is wrapped


def test_a_copy_of_yesterdays_keys_opens_nothing_with_todays_ring(vault: Vault) -> None:
    erased_key, erased = vault.new_data_key("erased")
    live_key, live = vault.new_data_key("live")
    copy_of_yesterday = [erased, live]
    turn(vault, [live], NOW + DAY)
    for wrapped in copy_of_yesterday:
        with pytest.raises(KeyGone) as caught:
            vault.unwrap(wrapped)
        assert (caught.value.key_id, caught.value.epoch) == (wrapped.id, wrapped.epoch)
        with pytest.raises(KeyGone):
            vault.rewrap(wrapped)
        with pytest.raises(Unopenable):
            vault.unwrap(replace(wrapped, epoch=vault.current_epoch))
    assert erased_key != live_key


def test_no_key_of_a_shredded_epoch_is_left_in_the_ring_file(vault: Vault, tmp_path: Path) -> None:
    yesterday = vault.current_epoch
    before = KeyRing.open(tmp_path, MASTER).contents()
    turn(vault, [], NOW + DAY)
    after = KeyRing.open(tmp_path, MASTER).contents()
    assert before.current_epoch.secret not in {epoch.secret for epoch in after.epochs}
    assert yesterday not in {epoch.id for epoch in after.epochs}
    assert (after.organisation, after.index_keys) == (before.organisation, before.index_keys)


def test_shredding_names_what_went_and_spares_the_others_and_the_current_one(vault: Vault) -> None:
    first = vault.current_epoch
    second, third = vault.begin_epoch(NOW + DAY), vault.begin_epoch(NOW + 2 * DAY)
    assert vault.epochs == (first, second, third)
    assert vault.shred_epochs({second, "19700101aaaaaaaa"}) == (second,)
    assert vault.epochs == (first, third)
    assert vault.shred_epochs({first, second, third}) == (first,)
    assert vault.shred_epochs({first, second, third}) == ()
    assert vault.epochs == (third,)


def test_an_epoch_can_turn_many_times_a_day(vault: Vault) -> None:
    ids = [vault.begin_epoch(NOW) for _ in range(5)]
    assert len(set(ids)) == 5
    assert all(len(epoch) <= 16 for epoch in ids)
    assert vault.current_epoch == ids[-1]
    assert vault.epoch_begun == NOW


def test_a_row_that_was_altered_or_swapped_does_not_unwrap(vault: Vault) -> None:
    _, hers = vault.new_data_key("hers")
    _, another = vault.new_data_key("another's")
    for forged in (
        replace(hers, wrapped=another.wrapped),
        replace(hers, id="another's"),
        replace(hers, wrapped=hers.wrapped[:-1]),
        replace(hers, wrapped=b"\x02" + hers.wrapped[1:]),
        replace(hers, wrapped=hers.wrapped[:-1] + bytes([hers.wrapped[-1] ^ 1])),
        replace(hers, wrapped=b""),
    ):
        with pytest.raises(Unopenable, match=r"data_key\.wrapped of row"):
            vault.unwrap(forged)


def test_a_wrapped_key_shows_ids_only(vault: Vault) -> None:
    _, wrapped = vault.new_data_key("hers")
    assert repr(wrapped) == f"WrappedKey(id='hers', epoch='{wrapped.epoch}')"


def test_a_follower_learns_of_a_turn_by_itself(vault: Vault, tmp_path: Path) -> None:
    follower = Vault(KeyRing.open(tmp_path, MASTER))
    key, wrapped = vault.new_data_key("hers")
    (rewrapped,) = turn(vault, [wrapped], NOW + DAY)
    assert follower.unwrap(rewrapped) == key
    assert follower.new_data_key("next")[1].epoch == vault.current_epoch
    assert follower.holds(rewrapped.epoch)
    assert not follower.holds(wrapped.epoch)
    with pytest.raises(KeyGone):
        follower.unwrap(wrapped)


def test_an_unknown_epoch_is_looked_for_on_disk_even_if_the_stamp_shows_no_change(
    vault: Vault, tmp_path: Path
) -> None:
    ring = KeyRing.open(tmp_path, MASTER)
    before = ring.contents()
    vault.begin_epoch(NOW + DAY)
    key, wrapped = vault.new_data_key("hers")
    ring.contents()
    ring._seen = (ring._seen[0], before)
    assert Vault(ring).unwrap(wrapped) == key


def test_no_key_is_given_out_when_the_ring_is_gone(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / RING_FILE).unlink()
    with pytest.raises(RingMissing):
        vault.new_data_key("hers")


def test_the_organisations_key_outlives_epochs(vault: Vault) -> None:
    before = vault.organisation
    sealed = seal(before, Place("person", "profile_sealed", "1"), b"alias")
    turn(vault, [], NOW + DAY)
    assert vault.organisation == before
    assert open_sealed(vault.organisation, Place("person", "profile_sealed", "1"), sealed) == b"alias"
    assert isinstance(before, DataKey)


# --- blind indexes -----------------------------------------------------------------------------------------


def test_an_address_is_found_again_across_weeks_until_the_old_key_goes(vault: Vault) -> None:
    stored = vault.address_indexes("telegram", "5550001")[0]
    for week in range(1, 4):
        assert vault.turn_index_week(NOW + week * WEEK) is not None
        found = vault.address_indexes("telegram", "5550001")
        assert stored in found
        assert found[0] != stored
        assert len(found) == week + 1
    assert vault.drop_index_keys(NOW + 2 * WEEK) == (stored[0],)
    assert stored not in vault.address_indexes("telegram", "5550001")


def test_the_newest_weeks_index_comes_first(vault: Vault) -> None:
    ids = [vault.address_indexes("web", "a")[0][0]]
    for week in range(1, 4):
        new = vault.turn_index_week(NOW + week * WEEK)
        assert new is not None
        ids.insert(0, new)
    assert [key_id for key_id, _ in vault.address_indexes("web", "a")] == ids
    assert [key_id.split("-")[0] for key_id in ids] == ["2025W32", "2025W31", "2025W30", "2025W29"]
    assert all(len(key_id) <= 16 for key_id in ids)


def test_a_week_turns_once(vault: Vault) -> None:
    assert vault.turn_index_week(NOW + 6 * DAY) is None
    assert vault.turn_index_week(NOW + 7 * DAY) is not None
    assert vault.turn_index_week(NOW + 13 * DAY) is None


def test_the_week_is_that_of_utc(vault: Vault) -> None:
    in_bucharest = datetime.fromisoformat("2025-07-21T02:30+03:00")  # still Sunday in UTC
    assert vault.turn_index_week(in_bucharest) is None
    assert vault.turn_index_week(in_bucharest + timedelta(minutes=31)) is not None


def test_dropping_follows_when_a_key_went_out_of_use_not_when_it_began(vault: Vault) -> None:
    first = vault.address_indexes("web", "a")[0][0]
    vault.turn_index_week(NOW + 10 * WEEK)  # the host was down for long: the first key was in use until then
    assert vault.drop_index_keys(NOW + 10 * WEEK) == ()
    assert vault.drop_index_keys(NOW + 10 * WEEK + DAY) == (first,)


def test_the_current_index_key_is_never_dropped(vault: Vault) -> None:
    assert vault.drop_index_keys(NOW + 1000 * WEEK) == ()
    assert len(vault.address_indexes("web", "a")) == 1


def test_a_clock_that_was_years_ahead_neither_stops_the_weeks_nor_pins_old_ones(vault: Vault) -> None:
    first = vault.address_indexes("web", "a")[0][0]
    stray = vault.turn_index_week(NOW + 3000 * WEEK)
    assert vault.turn_index_week(NOW) is None
    second = vault.turn_index_week(NOW + WEEK)
    third = vault.turn_index_week(NOW + 2 * WEEK)
    assert stray is not None
    assert second is not None
    assert vault.drop_index_keys(NOW + WEEK + DAY) == (first, stray)
    assert [key_id for key_id, _ in vault.address_indexes("web", "a")] == [third, second]


def test_a_follower_looks_up_by_the_new_week_as_soon_as_it_turns(vault: Vault, tmp_path: Path) -> None:
    follower = Vault(KeyRing.open(tmp_path, MASTER))
    vault.turn_index_week(NOW + WEEK)
    assert follower.address_indexes("web", "a") == vault.address_indexes("web", "a")
    assert follower.external_indexes("web", "a") == vault.external_indexes("web", "a")


def test_indexes_of_different_things_are_never_equal(vault: Vault) -> None:
    found = [
        vault.address_indexes("telegram", "1")[0][1],
        vault.external_indexes("telegram", "1")[0][1],
        vault.organisation_index("telegram", "1"),
        vault.address_indexes("matrix", "1")[0][1],
        vault.address_indexes("telegra", "m1")[0][1],
        vault.address_indexes("telegram1", "")[0][1],
        vault.organisation_index("alias", "1"),
        vault.organisation_index("sign_in", "1"),
    ]
    assert len(set(found)) == len(found)
    assert {len(index) for index in found} == {32}


def test_another_ring_gives_other_indexes(vault: Vault, tmp_path: Path) -> None:
    other = Vault(KeyRing.create(tmp_path / "other", MASTER, NOW))
    assert other.address_indexes("web", "a")[0][1] != vault.address_indexes("web", "a")[0][1]
    assert other.organisation_index("alias", "ana") != vault.organisation_index("alias", "ana")


def test_an_alias_index_outlives_epochs_and_weeks(vault: Vault) -> None:
    before = vault.organisation_index("alias", "ana")
    turn(vault, [], NOW + DAY)
    vault.turn_index_week(NOW + WEEK)
    vault.drop_index_keys(NOW + 10 * WEEK)
    assert vault.organisation_index("alias", "ana") == before


@given(weeks=st.lists(st.integers(-200, 4000), max_size=12), cut=st.integers(-200, 4000))
@settings(max_examples=60)
def test_whatever_the_clock_does_there_is_a_current_index_key_and_no_name_twice(
    weeks: list[int], cut: int
) -> None:
    contents = new_contents(NOW)
    for week in weeks:
        contents = contents.with_index_week(NOW + week * WEEK)
    current = contents.index_keys[-1]
    ids = [key.id for key in contents.index_keys]
    assert len(set(ids)) == len(ids)
    left = contents.without_index_keys(NOW + cut * WEEK)
    assert left.index_keys[-1] == current
    assert set(left.index_keys) <= set(contents.index_keys)


# --- block keys --------------------------------------------------------------------------------------------


def test_blocks_of_a_fortnight_share_a_key_and_later_ones_get_another(vault: Vault) -> None:
    assert vault.block_indexes("web", "hers") == []
    first, digest = vault.block_index("web", "hers", NOW)
    assert vault.block_index("web", "hers", NOW + 14 * DAY) == (first, digest)
    second, other = vault.block_index("web", "hers", NOW + 15 * DAY)
    assert first != second
    assert digest != other
    assert vault.block_indexes("web", "hers") == [(first, digest), (second, other)]
    assert digest not in [found for _, found in vault.block_indexes("telegram", "hers")]


def test_a_block_key_dies_within_thirty_days_and_stays_dead_after_a_restart(tmp_path: Path) -> None:
    vault = Vault(KeyRing.create(tmp_path, MASTER, NOW))
    key, _ = vault.block_index("web", "hers", NOW)
    assert vault.drop_old_block_keys(NOW + 29 * DAY) == ()
    assert len(Vault(KeyRing.open(tmp_path, MASTER)).block_indexes("web", "hers")) == 1
    assert vault.drop_old_block_keys(NOW + 30 * DAY) == (key,)
    assert Vault(KeyRing.open(tmp_path, MASTER)).block_indexes("web", "hers") == []


def test_a_ring_from_before_there_were_blocks_is_read() -> None:
    before = json.loads(contents_to_json(new_contents(NOW)))
    del before["block_keys"]
    assert contents_from_json(json.dumps(before).encode()).block_keys == ()
