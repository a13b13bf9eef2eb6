"""The installed program several times over on one PostgreSQL, with one key ring (design §6)."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.services import first_start
from bot.settings import load_settings
from bot.store.folder_lock import FolderHeld, hold_folder, holding_processes
from tests.cli.house import PROGRAM, environ_of, program, small_config

pytestmark = pytest.mark.long

GENEROUS = 20.0  # seconds; these machines are shared

Start = Callable[[dict[str, str]], "subprocess.Popen[str]"]


@pytest.fixture
def shared(tmp_path: Path, fresh_postgres: str) -> dict[str, str]:
    """What all processes of one hotline have in common; the hotline is begun."""
    small_config(tmp_path)
    common = {
        "HOTLINE_DATABASE_URL": fresh_postgres,
        "HOTLINE_KEY_RING": str(tmp_path / "ring"),
        "HOTLINE_MASTER_KEY_FILE": str(tmp_path / "master-key"),
    }
    first_start.begin(load_settings(environ_of(tmp_path, **common), tmp_path), datetime.now(UTC))
    return common


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a service and returns once it listens."""
    with ExitStack() as stack:

        def started(environ: dict[str, str]) -> "subprocess.Popen[str]":
            log = stack.enter_context((tmp_path / f"log-{time.monotonic_ns()}").open("w"))
            running = stack.enter_context(
                subprocess.Popen(
                    [PROGRAM, "run"],
                    cwd=tmp_path,
                    env=environ,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
            )
            stack.callback(running.kill)
            assert running.stdout is not None
            assert running.stdout.readline().startswith("Web chat")
            return running

        yield started


def machine(tmp_path: Path, name: str, shared: dict[str, str]) -> dict[str, str]:
    """The environment of a process with a data folder of its own, as on another machine."""
    (tmp_path / name).mkdir(exist_ok=True)
    return {**environ_of(tmp_path, **shared), "HOTLINE_DATA_DIR": str(tmp_path / name)}


def test_two_share_a_data_folder_and_who_needs_it_alone_is_refused(
    tmp_path: Path, shared: dict[str, str], start: Start
) -> None:
    here = machine(tmp_path, "data", shared)
    one, two = start(here), start(here)
    assert set(holding_processes(tmp_path / "data")) == {one.pid, two.pid}
    with pytest.raises(FolderHeld), hold_folder(tmp_path / "data"):
        pass
    one.terminate()
    assert one.wait(GENEROUS) == 0
    assert holding_processes(tmp_path / "data") == (two.pid,)
    asked = program(tmp_path, "keys", "rotate", environ=here)
    assert (asked.returncode, asked.stdout) == (0, "The service has turned the epoch.\n"), asked.stderr
    assert two.poll() is None


def test_destroy_now_ends_the_service_on_every_machine(
    tmp_path: Path, shared: dict[str, str], start: Start
) -> None:
    here, there = machine(tmp_path, "data", shared), machine(tmp_path, "far", shared)
    near, far = start(here), start(there)
    told = program(tmp_path, "destroy-now", "--yes", environ=here)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "The service has stopped." in told.stdout
    near.wait(GENEROUS)
    far.wait(GENEROUS)
    assert list((tmp_path / "ring").iterdir()) == []
    assert not (tmp_path / "master-key").exists()
    assert program(tmp_path, "people", "list", environ=there).returncode == 1


def test_destroy_now_says_so_when_a_machine_elsewhere_does_not_end(
    tmp_path: Path, shared: dict[str, str], start: Start
) -> None:
    far = start(machine(tmp_path, "far", shared))
    far.send_signal(signal.SIGSTOP)  # it hangs, out of reach
    began = time.monotonic()
    told = program(tmp_path, "destroy-now", "--yes", environ=machine(tmp_path, "data", shared))
    assert time.monotonic() - began < GENEROUS
    assert told.returncode == 1
    assert "Another machine still serves this database" in told.stdout + told.stderr
    assert "The key ring is destroyed" in told.stdout
    assert list((tmp_path / "ring").iterdir()) == []
