"""A master key is taken only if it is one and is safe; every refusal says what to do (design §6)."""

import base64
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.vault.container import RING, Torn, pack, unpack
from bot.vault.errors import (
    MasterKeyExists,
    MasterKeyMissing,
    MasterKeyUnreadable,
    PassphraseTooShort,
    WrongMasterKey,
)
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import MasterKey, Stretching, _is_wide, create_master_key, load_master_key

NOW = datetime(2025, 7, 14, tzinfo=UTC)
WORDS = "șase cuvinte trase la sorți azi"
QUICK = Stretching(bytes(range(16)), passes=1, memory=64, lanes=1)


def write(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def status(mode: int, owner: int, group: int) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, group, 45, 0, 0, 0))


def test_a_created_key_loads_and_opens_the_ring_it_sealed(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        made = create_master_key(tmp_path / "master-key")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "master-key").stat().st_mode) == 0o600
    ring = KeyRing.create(tmp_path / "keys", made, NOW)
    loaded = load_master_key(tmp_path / "master-key")
    assert KeyRing.open(tmp_path / "keys", loaded).contents() == ring.contents()


def test_two_created_keys_differ(tmp_path: Path) -> None:
    create_master_key(tmp_path / "one")
    create_master_key(tmp_path / "other")
    assert (tmp_path / "one").read_bytes() != (tmp_path / "other").read_bytes()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    create_master_key(tmp_path / "master-key")
    before = (tmp_path / "master-key").read_bytes()
    with pytest.raises(MasterKeyExists, match="left alone"):
        create_master_key(tmp_path / "master-key")
    assert (tmp_path / "master-key").read_bytes() == before


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\n\n"])
def test_line_ends_do_not_matter(tmp_path: Path, ending: bytes) -> None:
    secret = os.urandom(32)
    path = write(tmp_path / "master-key", base64.b64encode(secret) + ending)
    assert load_master_key(path).secret_for(None) == secret


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o604, 0o660, 0o666, 0o610, 0o444])
def test_a_key_others_could_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "master-key", base64.b64encode(bytes(32)), mode)
    with pytest.raises(MasterKeyUnreadable, match=rf"mode {mode:04o}.*chmod 600 {path}"):
        load_master_key(path)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_of_its_owner_alone_is_taken(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "master-key", base64.b64encode(bytes(32)), mode)
    assert load_master_key(path).secret_for(None) == bytes(32)


def test_a_credential_of_systemd_is_taken_and_nothing_else_of_that_mode() -> None:
    assert not _is_wide(status(0o440, owner=0, group=0))
    assert _is_wide(status(0o440, owner=1000, group=0))
    assert _is_wide(status(0o440, owner=0, group=1000))
    assert _is_wide(status(0o640, owner=0, group=0))
    assert _is_wide(status(0o444, owner=0, group=0))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds 0 bytes; it must hold 32"),
        (base64.b64encode(bytes(31)), "holds 31 bytes"),
        (base64.b64encode(bytes(33)), "holds 33 bytes"),
        (b"not base64 at all!", "is not base64"),
        (bytes(32), "is not base64"),
    ],
)
def test_what_is_no_key_is_refused_with_the_cure(tmp_path: Path, content: bytes, said: str) -> None:
    path = write(tmp_path / "master-key", content)
    with pytest.raises(MasterKeyUnreadable, match=said) as caught:
        load_master_key(path)
    assert "head -c 32 /dev/urandom | base64" in str(caught.value)


def test_what_was_in_a_bad_file_is_not_repeated(tmp_path: Path) -> None:
    path = write(tmp_path / "master-key", b"hunter2 hunter2")
    with pytest.raises(MasterKeyUnreadable) as caught:
        load_master_key(path)
    assert "hunter2" not in f"{caught.value} {caught.value.__cause__!r}"


def test_no_key_at_all_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyMissing, match="HOTLINE_MASTER_KEY_FILE"):
        load_master_key(None)
    with pytest.raises(MasterKeyMissing, match="A new one does not open an old key ring"):
        load_master_key(tmp_path / "nowhere")


def test_a_folder_a_pipe_and_a_loop_are_no_key(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "loop"):
        with pytest.raises(MasterKeyUnreadable):
            load_master_key(path)


def test_a_file_and_a_passphrase_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyUnreadable, match="Keep one of them"):
        load_master_key(tmp_path / "master-key", WORDS)


def test_a_passphrase_seals_a_ring_and_another_does_not_open_it(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path, load_master_key(None, WORDS), NOW)
    assert KeyRing.open(tmp_path, load_master_key(None, WORDS)).contents() == ring.contents()
    with pytest.raises(WrongMasterKey):
        KeyRing.open(tmp_path, load_master_key(None, WORDS + "!"))


def test_a_ring_can_be_changed_under_a_passphrase(tmp_path: Path) -> None:
    master = load_master_key(None, WORDS)
    ring = KeyRing.create(tmp_path, master, NOW)
    ring.change(lambda contents: contents.with_new_epoch(NOW))
    assert len(KeyRing.open(tmp_path, load_master_key(None, WORDS)).contents().epochs) == 2


def test_a_passphrase_typed_on_another_keyboard_is_the_same() -> None:
    packed = pack(RING, load_master_key(None, "o parol\u0103 lung\u0103 \u0219i bun\u0103"), QUICK, b"keys")
    decomposed = load_master_key(None, "o parola\u0306 lunga\u0306 s\u0326i buna\u0306")
    assert unpack(RING, decomposed, packed) == (QUICK, b"keys")


def test_a_short_passphrase_seals_no_new_ring(tmp_path: Path) -> None:
    with pytest.raises(PassphraseTooShort, match="six words"):
        KeyRing.create(tmp_path, load_master_key(None, "mama123"), NOW)
    assert not KeyRing.exists(tmp_path)


def test_every_new_ring_has_a_salt_of_its_own_unless_one_is_given() -> None:
    salts = [load_master_key(None, WORDS).new_stretching() for _ in range(2)]
    assert salts[0] != salts[1]
    given = load_master_key(None, WORDS, bytes(16)).new_stretching()
    assert given is not None
    assert given.salt == bytes(16)


def test_the_other_kind_of_key_is_refused_by_name() -> None:
    by_file = pack(RING, MasterKey(bytes(32)), None, b"keys")
    by_words = pack(RING, load_master_key(None, WORDS), QUICK, b"keys")
    with pytest.raises(WrongMasterKey, match="sealed by a key file"):
        unpack(RING, load_master_key(None, WORDS), by_file)
    with pytest.raises(WrongMasterKey, match="sealed by a passphrase"):
        unpack(RING, MasterKey(bytes(32)), by_words)


@pytest.mark.parametrize(
    "cost", [{"passes": 0}, {"passes": 101}, {"memory": 7}, {"memory": 2**31}, {"lanes": 0}]
)
def test_an_impossible_cost_in_the_header_is_refused_before_it_is_paid(cost: dict[str, int]) -> None:
    secret = bytes(32)
    impossible = replace(QUICK, **cost)
    master = load_master_key(None, WORDS)
    master._stretched = (impossible, secret)
    packed = pack(RING, master, impossible, b"keys")
    with pytest.raises(Torn, match="cost"):
        unpack(RING, load_master_key(None, WORDS), packed)


def test_a_master_key_shows_nothing_of_itself() -> None:
    shown = repr(MasterKey(b"k" * 32)) + repr(load_master_key(None, WORDS))
    assert "kkk" not in shown
    assert "cuvinte" not in shown


def test_a_master_key_is_one_thing() -> None:
    with pytest.raises(ValueError, match="either"):
        MasterKey(None)
    with pytest.raises(ValueError, match="either"):
        MasterKey(bytes(32), WORDS)
