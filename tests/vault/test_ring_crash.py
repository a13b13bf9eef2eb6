"""kill -9 at any place of a change leaves the old ring or the new one, never none (design §6)."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.vault.durable import replace_durably
from bot.vault.errors import KeyGone, RingMissing
from bot.vault.key_ring import RING_FILE, KeyRing
from bot.vault.master_key import MasterKey
from bot.vault.vault import Vault

NOW = datetime(2025, 7, 14, tzinfo=UTC)
MASTER = MasterKey(bytes(range(32)))
ROOT = Path(__file__).resolve().parents[2]


def cut_everywhere(folder: Path, what: str) -> list[Path]:
    """Folders as each cut left them; the last one is of the change that was not cut."""
    outcome = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.vault.killed_writer", str(folder), what],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    cuts = int(outcome.stdout)
    assert cuts >= 6
    return [folder / str(number) for number in range(cuts + 1)]


def can_turn(folder: Path) -> bool:
    """The hotline goes on: an epoch is added, the others are shredded, nothing is left lying about."""
    vault = Vault(KeyRing.open(folder, MASTER))
    current = vault.begin_epoch(NOW)
    vault.shred_epochs(set(vault.epochs))
    return vault.epochs == (current,) and [file.name for file in folder.iterdir()] == [RING_FILE]


def path_of(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def test_a_cut_while_an_epoch_begins_leaves_the_old_ring_or_the_new(tmp_path: Path) -> None:
    vault = Vault(KeyRing.create(tmp_path / "template", MASTER, NOW))
    key, wrapped = vault.new_data_key("hers")
    seen: list[int] = []
    for folder in cut_everywhere(tmp_path, "begin"):
        left = Vault(KeyRing.open(folder, MASTER))
        assert left.unwrap(wrapped) == key
        assert left.unwrap(left.rewrap(wrapped)) == key
        assert left.organisation == vault.organisation
        seen.append(len(left.epochs))
        assert can_turn(folder)
    assert seen == sorted(seen)
    assert set(seen) == {1, 2}


def test_a_cut_while_epochs_are_shredded_never_loses_the_current_one(tmp_path: Path) -> None:
    vault = Vault(KeyRing.create(tmp_path / "template", MASTER, NOW))
    _, of_yesterday = vault.new_data_key("gone")
    vault.begin_epoch(NOW)
    key, of_today = vault.new_data_key("hers")
    opened: list[bool] = []
    for folder in cut_everywhere(tmp_path, "shred"):
        left = Vault(KeyRing.open(folder, MASTER))
        assert left.unwrap(of_today) == key
        opened.append(left.holds(of_yesterday.epoch))
        assert can_turn(folder)
    assert opened == sorted(opened, reverse=True)
    assert opened[0]
    with pytest.raises(KeyGone):
        left.unwrap(of_yesterday)


def test_a_cut_while_a_ring_is_made_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    for folder in cut_everywhere(tmp_path, "create"):
        if not KeyRing.exists(folder):
            KeyRing.create(folder, MASTER, NOW)
        assert can_turn(folder)


def test_a_cut_while_a_ring_is_destroyed_can_be_finished(tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "template", MASTER, NOW)
    (tmp_path / "template" / f"{RING_FILE}.new").write_bytes(b"left by a crash")
    for folder in cut_everywhere(tmp_path, "destroy"):
        KeyRing.destroy(folder)
        assert list(folder.iterdir()) == []
        with pytest.raises(RingMissing):
            KeyRing.open(folder, MASTER)


def test_a_ring_is_synced_before_it_is_named_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power cut asks for beyond kill -9: the order in which things reach the disk."""
    steps: list[str] = []
    real_fsync, real_rename = os.fsync, os.rename

    def fsync(descriptor: int) -> None:
        steps.append(f"sync {path_of(descriptor).removeprefix(str(tmp_path))}")
        real_fsync(descriptor)

    def rename(old: Path, new: Path) -> None:
        steps.append(f"rename {old.name} {new.name}")
        real_rename(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    ring = KeyRing.create(tmp_path, MASTER, NOW)
    assert steps == ["sync /key-ring.new", "rename key-ring.new key-ring", "sync "]
    steps.clear()
    ring.change(lambda contents: contents.with_new_epoch(NOW))
    assert steps == [
        "sync /key-ring.new",
        "rename key-ring.new key-ring",
        "sync ",
        "sync /key-ring (deleted)",  # the old one, overwritten last of all
    ]


@pytest.mark.parametrize("failing", ["open", "write", "fsync", "rename"])
def test_a_key_that_could_not_be_written_is_never_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    vault = Vault(KeyRing.create(tmp_path, MASTER, NOW))
    before = vault.epochs

    def full(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, full)
        with pytest.raises(OSError, match="No space left"):
            vault.begin_epoch(NOW)
    assert vault.epochs == before
    _, wrapped = vault.new_data_key("hers")
    assert wrapped.epoch == before[0]
    assert can_turn(tmp_path)


def test_a_disk_too_full_to_overwrite_the_old_ring_does_not_undo_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    real_urandom = os.urandom

    def full(size: int) -> bytes:
        real_urandom(size)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "urandom", full)
    replace_durably(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
