"""A small file replaced whole: what is noticed, and what is left on the disk."""

import os
from pathlib import Path

import pytest

from bot.vault.durable import create_durably, replace_durably, stamp_of

LATER = 4_000_000_000_000_000_000  # nanoseconds: the clock was wrong when the file was written


def test_a_version_is_always_dated_after_the_one_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.utime(path, ns=(LATER, LATER))
    stamp = replace_durably(path, b"new")
    assert stamp.modified > LATER
    assert stamp_of(path) == stamp


def test_what_a_crash_left_beside_the_file_is_overwritten_too(tmp_path: Path) -> None:
    beside = tmp_path / "file.new"
    beside.write_bytes(b"keys that are shredded later")
    os.link(beside, tmp_path / "the same blocks")
    replace_durably(tmp_path / "file", b"new")
    assert not beside.exists()
    left = (tmp_path / "the same blocks").read_bytes()
    assert len(left) == len(b"keys that are shredded later")
    assert b"keys" not in left


def test_a_file_that_may_not_be_overwritten_is_replaced_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    (tmp_path / "elsewhere").write_bytes(b"not ours")
    path.symlink_to(tmp_path / "elsewhere")
    replace_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert (tmp_path / "elsewhere").read_bytes() == b"not ours"


def test_a_new_file_replaces_none_and_a_failed_one_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_durably(tmp_path / "file", b"first")
    with pytest.raises(FileExistsError):
        create_durably(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"first"

    def full(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        create_durably(tmp_path / "another", b"third")
    assert not (tmp_path / "another").exists()


def test_a_short_write_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: real_write(descriptor, content[:3]))
    replace_durably(tmp_path / "file", b"longer than three")
    assert (tmp_path / "file").read_bytes() == b"longer than three"
