"""The data folder: one service at a time, whatever was left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store.folder_lock import FolderHeld, hold_folder, holder, is_held

HOLD = (
    "import sys, time\nfrom pathlib import Path\nfrom bot.store.folder_lock import hold_folder\n"
    "with hold_folder(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"
)


def test_a_second_service_is_refused_and_told_who_holds_the_folder(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert is_held(tmp_path)
        with pytest.raises(FolderHeld, match=f"process {other.pid}") as refused, hold_folder(tmp_path):
            pass
        assert refused.value.holder == other.pid
        other.send_signal(signal.SIGKILL)
    assert not is_held(tmp_path)
    with hold_folder(tmp_path):
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path) is None


def test_a_folder_nobody_held_is_free(tmp_path: Path) -> None:
    assert not is_held(tmp_path)


def test_the_lock_file_is_for_its_owner_only(tmp_path: Path) -> None:
    with hold_folder(tmp_path):
        assert (tmp_path / "lock").stat().st_mode & 0o077 == 0


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("precious")
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"), hold_folder(tmp_path):
        pass
    assert (tmp_path / "elsewhere").read_text() == "precious"
