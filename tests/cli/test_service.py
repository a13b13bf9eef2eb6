"""The installed program while its service runs: one at a time, asked by commands, destroyed in seconds."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.services.destroying import AT_MOST, RING_AT_MOST
from bot.store.folder_lock import holding_processes
from tests.cli.house import PROGRAM, environ_of, program

GENEROUS = 10.0
"""Seconds. What `destroy-now` waits for is bound below, `./dev bench destroy` measures; starting it may take
longer on a busy machine."""


@pytest.fixture
def service(house: Path) -> Iterator[subprocess.Popen[str]]:
    """`hotline run`, listening."""
    with subprocess.Popen(
        [PROGRAM, "run"],
        cwd=house,
        env=environ_of(house),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("Web chat")
        yield running
        running.kill()


def ended(running: subprocess.Popen[str]) -> str:
    """What it wrote to the log, once it has ended."""
    return running.communicate(timeout=30)[1]


def test_a_second_service_is_refused(house: Path, service: subprocess.Popen[str]) -> None:
    told = program(house, "run")
    assert told.returncode == 1
    assert f"process {service.pid}" in told.stderr
    assert service.poll() is None


def test_the_holder_of_the_folder_is_known_for_certain(house: Path, service: subprocess.Popen[str]) -> None:
    assert holding_processes(house / "data") == (service.pid,)
    service.kill()
    service.wait()
    # The file still names it, and it is gone.
    assert (house / "data/lock").read_text() == f"{service.pid}\n"
    assert holding_processes(house / "data") == ()


def test_commands_ask_the_service_and_wait(house: Path, service: subprocess.Popen[str]) -> None:
    def epoch() -> str:
        return str(json.loads(program(house, "keys", "status", "--format", "json").stdout)["epoch"])

    before = epoch()
    told = program(house, "keys", "rotate")
    assert (told.returncode, told.stdout) == (0, "The service has turned the epoch.\n"), told.stderr
    assert epoch() != before
    assert service.poll() is None


def test_the_service_ends_at_once_when_told_and_frees_the_folder(
    house: Path, service: subprocess.Popen[str]
) -> None:
    service.send_signal(signal.SIGTERM)
    log = ended(service)
    assert service.returncode == 0
    assert [json.loads(line)["message"] for line in log.splitlines()][-1:] == ["stopped"]
    assert holding_processes(house / "data") == ()
    assert program(house, "doctor").returncode == 0


def test_destroy_now_ends_everything_in_seconds_under_a_running_service(
    house: Path, service: subprocess.Popen[str]
) -> None:
    began = time.monotonic()
    told = program(house, "destroy-now", typed="destroy\n")
    took = time.monotonic() - began
    assert told.returncode == 0, told.stdout + told.stderr
    assert took < GENEROUS
    ended(service)
    left = sorted(str(file.relative_to(house / "data")) for file in (house / "data").rglob("*"))
    assert left == ["keys", "lock"]
    assert program(house, "people", "list").returncode == 1


def test_destroy_now_destroys_the_ring_first(house: Path) -> None:
    told = program(house, "destroy-now", "--yes")
    order = [line.split(" is ")[0].split(" has ")[0] for line in told.stdout.splitlines()]
    assert order == ["The key ring", "The service", "The master key", "The database"]


def test_destroy_now_waits_for_nothing_longer_than_five_seconds() -> None:
    """The sum of every wait it chooses when nothing answers: with the start of the command below 5 s."""
    assert RING_AT_MOST <= 2
    assert AT_MOST <= 4.5


@pytest.fixture
def silent() -> Iterator[tuple[str, int]]:
    """An address that takes connections and never says a word, as a firewall that drops packets looks."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        yield listening.getsockname()


def test_destroy_now_does_not_wait_for_a_database_that_never_answers(
    house: Path, silent: tuple[str, int]
) -> None:
    url = f"postgresql://hotline@{silent[0]}:{silent[1]}/hotline"
    began = time.monotonic()
    told = program(house, "destroy-now", "--yes", environ=environ_of(house, HOTLINE_DATABASE_URL=url))
    assert time.monotonic() - began < GENEROUS
    assert told.returncode == 1
    assert "The key ring is destroyed" in told.stdout
    assert "The master key is destroyed" in told.stdout
    assert "The tables could not be dropped" in told.stderr
    assert list((house / "data/keys").iterdir()) == []
    assert not (house / "data/master-key").exists()


def test_destroy_now_ends_a_service_that_hangs(house: Path, service: subprocess.Popen[str]) -> None:
    service.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    told = program(house, "destroy-now", "--yes")
    assert told.returncode == 0, told.stdout + told.stderr
    assert time.monotonic() - began < GENEROUS
    assert service.wait(5) == -signal.SIGKILL


@pytest.mark.parametrize("typed", ["", "yes\n", "destroy it\n"])
def test_destroy_now_asks_for_the_word(typed: str, house: Path) -> None:
    told = program(house, "destroy-now", typed=typed)
    assert told.returncode == 1
    assert "Nothing was destroyed" in told.stderr
    assert program(house, "doctor").returncode == 0


def test_destroy_now_works_when_half_of_it_is_gone_already(house: Path) -> None:
    (house / "data/keys/key-ring").unlink()
    (house / "data/hotline.db").unlink()
    assert program(house, "destroy-now", "--yes").returncode == 0
    assert not (house / "data/master-key").exists()


def test_a_backup_of_the_database_opens_nothing_after_destroy_now(house: Path) -> None:
    copy = (house / "data/hotline.db").read_bytes()
    program(house, "destroy-now", "--yes")
    (house / "data/hotline.db").write_bytes(copy)
    told = program(house, "people", "list")
    assert told.returncode == 1
    rows = sqlite3.connect(house / "data/hotline.db")
    (document,) = rows.execute("SELECT document_sealed FROM script_revision").fetchone()
    rows.close()
    assert b"spec" not in document


def test_an_address_in_use_is_told_by_its_setting(house: Path, service: subprocess.Popen[str]) -> None:
    assert service.stdout is not None
    taken = re.search(r"127\.0\.0\.1:\d+", service.stdout.readline())
    assert taken is not None
    environ = environ_of(house, HOTLINE_DATA_DIR=str(house / "other"), HOTLINE_CONSOLE_BIND=taken[0])
    assert program(house, "init", "--non-interactive", environ=environ).returncode == 0
    told = program(house, "run", environ=environ)
    assert told.returncode == 1
    assert "HOTLINE_CONSOLE_BIND" in told.stderr


def test_a_demo_is_for_this_machine_only(house: Path) -> None:
    told = program(house, "demo", environ=environ_of(house, HOTLINE_PUBLIC_BIND="0.0.0.0:0"))
    assert told.returncode == 1
    assert "HOTLINE_PUBLIC_BIND" in told.stderr
    assert not (house / "data/demo").exists()


def test_a_demo_begins_by_itself_and_again_and_leaves_the_real_hotline_alone(house: Path) -> None:
    real = (house / "data/keys/key-ring").read_bytes()
    for _ in range(2):
        with subprocess.Popen(
            [PROGRAM, "demo"], cwd=house, env=environ_of(house), stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            lines = [running.stdout.readline() for _ in range(8)]
            running.send_signal(signal.SIGINT)
            assert running.wait(30) == 0
        assert lines[0].startswith("This is a demonstration.")
        assert any("Maple (volunteer)" in line for line in lines)
    assert (house / "data/keys/key-ring").read_bytes() == real
    assert (house / "data/demo/keys/key-ring").exists()


def test_a_reader_that_goes_away_is_no_fault(house: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    told = subprocess.run(
        [PROGRAM, "people", "list"],
        cwd=house,
        env=environ_of(house),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(write)
    assert told.stderr == ""
    assert told.returncode == 0
