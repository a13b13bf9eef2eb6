"""The key ring is whole or absent, says what is wrong, and is never behind its own file (PR6, PR7)."""

import os
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.vault.errors import RingExists, RingMissing, RingTorn, WrongMasterKey
from bot.vault.key_ring import RING_FILE, KeyRing
from bot.vault.master_key import MasterKey
from bot.vault.ring_contents import RingContents

NOW = datetime(2025, 7, 14, 12, tzinfo=UTC)
MASTER = MasterKey(bytes(range(32)))


def another_epoch(contents: RingContents) -> RingContents:
    return contents.with_new_epoch(NOW)


def epochs(ring: KeyRing) -> list[str]:
    return [epoch.id for epoch in ring.contents().epochs]


def test_a_new_ring_opens_with_the_same_keys(tmp_path: Path) -> None:
    assert not KeyRing.exists(tmp_path / "keys")
    made = KeyRing.create(tmp_path / "keys", MASTER, NOW)
    assert KeyRing.exists(tmp_path / "keys")
    assert KeyRing.open(tmp_path / "keys", MASTER).contents() == made.contents()


def test_ring_and_folder_are_for_the_owner_alone(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        KeyRing.create(tmp_path / "keys", MASTER, NOW).change(another_epoch)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / RING_FILE).stat().st_mode) == 0o600


def test_no_key_lies_open_in_the_file(tmp_path: Path) -> None:
    contents = KeyRing.create(tmp_path, MASTER, NOW).contents()
    written = (tmp_path / RING_FILE).read_bytes()
    for secret in (contents.organisation, contents.organisation_index, contents.current_epoch.secret):
        assert secret not in written
    assert b"epoch" not in written
    assert contents.current_epoch.id.encode() not in written


def test_two_rings_share_no_key_and_no_name(tmp_path: Path) -> None:
    one = KeyRing.create(tmp_path / "one", MASTER, NOW).contents()
    other = KeyRing.create(tmp_path / "other", MASTER, NOW).contents()
    assert one.organisation != other.organisation
    assert one.organisation_index != other.organisation_index
    assert one.current_epoch.id != other.current_epoch.id
    assert one.current_epoch.secret != other.current_epoch.secret
    assert one.index_keys[0].secret != other.index_keys[0].secret


def test_a_ring_is_never_overwritten_by_a_new_one(tmp_path: Path) -> None:
    before = KeyRing.create(tmp_path, MASTER, NOW).contents()
    with pytest.raises(RingExists, match="unreadable"):
        KeyRing.create(tmp_path, MASTER, NOW)
    assert KeyRing.open(tmp_path, MASTER).contents() == before


def test_no_ring_says_what_is_lost_and_what_survives(tmp_path: Path) -> None:
    with pytest.raises(RingMissing) as caught:
        KeyRing.open(tmp_path / "nowhere", MASTER)
    said = str(caught.value)
    assert "no conversation and no contact record can be opened" in said
    assert "people are invited anew" in said
    assert "begin anew: `hotline init`" in said
    assert str(tmp_path / "nowhere" / RING_FILE) in said


def test_another_master_key_is_told_from_a_torn_ring(tmp_path: Path) -> None:
    KeyRing.create(tmp_path, MASTER, NOW)
    with pytest.raises(WrongMasterKey, match="whole, but this master key did not seal it"):
        KeyRing.open(tmp_path, MasterKey(bytes(32)))


def test_every_byte_torn_off_or_altered_is_noticed(tmp_path: Path) -> None:
    KeyRing.create(tmp_path, MASTER, NOW)
    whole = (tmp_path / RING_FILE).read_bytes()
    for at in range(len(whole)):
        (tmp_path / RING_FILE).write_bytes(whole[:at])
        with pytest.raises(RingTorn, match="damaged"):
            KeyRing.open(tmp_path, MASTER)
        (tmp_path / RING_FILE).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(RingTorn, match="damaged"):
            KeyRing.open(tmp_path, MASTER)
    (tmp_path / RING_FILE).write_bytes(whole)
    KeyRing.open(tmp_path, MASTER)


def test_a_change_is_seen_by_every_process_that_holds_the_ring(tmp_path: Path) -> None:
    leader = KeyRing.create(tmp_path, MASTER, NOW)
    follower = KeyRing.open(tmp_path, MASTER)
    for _ in range(20):  # quicker than a tick of the file system's clock
        leader.change(another_epoch)
        assert epochs(follower) == epochs(leader)


def test_two_writers_lose_none_of_each_others_keys(tmp_path: Path) -> None:
    KeyRing.create(tmp_path, MASTER, NOW)

    def write() -> None:
        ring = KeyRing.open(tmp_path, MASTER)
        for _ in range(15):
            ring.change(another_epoch)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set(epochs(KeyRing.open(tmp_path, MASTER)))) == 1 + 3 * 15


def test_a_reader_beside_a_writer_never_sees_a_torn_ring(tmp_path: Path) -> None:
    writer = KeyRing.create(tmp_path, MASTER, NOW)
    done = threading.Event()
    wrong: list[BaseException] = []

    def read() -> None:
        try:
            while not done.is_set():
                KeyRing.open(tmp_path, MASTER)
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            wrong.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(60):
        writer.change(another_epoch)
    done.set()
    reader.join()
    assert wrong == []


def test_a_change_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path, MASTER, NOW)
    before = (tmp_path / RING_FILE).stat()
    ring.change(lambda contents: contents)
    after = (tmp_path / RING_FILE).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_a_replaced_ring_held_is_overwritten_on_disk(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path, MASTER, NOW)
    yesterday = (tmp_path / RING_FILE).read_bytes()
    os.link(tmp_path / RING_FILE, tmp_path / "the same blocks")
    ring.change(another_epoch)
    left = (tmp_path / "the same blocks").read_bytes()
    assert len(left) == len(yesterday)
    assert left[:64] != yesterday[:64]
    assert left != yesterday


def test_a_ring_pulled_out_opens_nothing_more(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path, MASTER, NOW)
    (tmp_path / RING_FILE).rename(tmp_path / "pulled out")
    with pytest.raises(RingMissing):
        ring.contents()
    with pytest.raises(RingMissing):
        ring.change(another_epoch)
    (tmp_path / "pulled out").rename(tmp_path / RING_FILE)
    assert len(ring.contents().epochs) == 1


def test_destroying_leaves_nothing_to_open(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path, MASTER, NOW)
    os.link(tmp_path / RING_FILE, tmp_path / "the same blocks")
    (tmp_path / f"{RING_FILE}.new").write_bytes(b"left by a crash")
    whole = (tmp_path / RING_FILE).read_bytes()
    KeyRing.destroy(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"the same blocks"}
    assert (tmp_path / "the same blocks").read_bytes()[:64] != whole[:64]
    assert not KeyRing.exists(tmp_path)
    with pytest.raises(RingMissing):
        ring.contents()


def test_destroying_twice_or_nothing_is_no_error(tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "keys", MASTER, NOW)
    KeyRing.destroy(tmp_path / "keys")
    KeyRing.destroy(tmp_path / "keys")
    KeyRing.destroy(tmp_path / "never was")


def test_a_backups_part_brings_back_the_organisation_and_no_epoch(tmp_path: Path) -> None:
    old = KeyRing.create(tmp_path / "old", MASTER, NOW)
    part = old.organisation_part()
    new = KeyRing.restore(tmp_path / "new", MASTER, part, NOW).contents()
    assert new.organisation == old.contents().organisation
    assert new.organisation_index == old.contents().organisation_index
    assert {key.secret for key in (*new.epochs, *new.index_keys)}.isdisjoint(
        key.secret for key in (*old.contents().epochs, *old.contents().index_keys)
    )
    with pytest.raises(WrongMasterKey):
        KeyRing.restore(tmp_path / "third", MasterKey(bytes(32)), part, NOW)
    with pytest.raises(RingTorn, match="the part in the backup"):
        KeyRing.restore(tmp_path / "third", MASTER, part[:-1], NOW)
    with pytest.raises(RingTorn, match="another kind"):
        KeyRing.restore(tmp_path / "third", MASTER, (tmp_path / "old" / RING_FILE).read_bytes(), NOW)
    with pytest.raises(RingExists):
        KeyRing.restore(tmp_path / "new", MASTER, part, NOW)
