"""The canary against the real program: an answer, a service killed, a call, the end of the silence."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.canary.watching import AGAIN_EVERY, LOOKS_AGAIN, News, Watch
from tests.cli.house import PROGRAM, environ_of, program

AGES = 40.0  # seconds: these machines are shared


def until(true: Callable[[], object], within: float = AGES) -> None:
    ends = time.monotonic() + within
    while not true():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Pager(HTTPServer):
    """Takes calls as a webhook does; may be told to fail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.taken: list[tuple[str, str]] = []
        self.fails = 0


class _Taker(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        pager = self.server
        assert isinstance(pager, Pager)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        pager.fails -= 1
        if pager.fails < 0:
            pager.taken.append((self.headers["Content-Type"], body))
        self.send_response(200 if pager.fails < 0 else 500)
        self.end_headers()

    def log_message(self, *told: object) -> None:
        pass


@pytest.fixture
def pager() -> Iterator[Pager]:
    with Pager() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def service(house: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    environ = environ_of(house, HOTLINE_PUBLIC_BIND=f"127.0.0.1:{port}")
    with subprocess.Popen(
        [PROGRAM, "run"], cwd=house, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline().startswith("Web chat")
            yield running
        finally:
            running.kill()


def beside(house: Path, port: int, **more: str) -> dict[str, str]:
    """The canary's own machine: no data folder of the hotline, no key."""
    return {
        "PATH": environ_of(house)["PATH"],
        "HOTLINE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **more,
    }


def rows(house: Path, table: str) -> int:
    with closing(sqlite3.connect(house / "data/hotline.db")) as database:
        (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  names of ours
        return int(count)


def test_a_round_is_answered_and_leaves_nothing_and_rings_nobody(house: Path, tmp_path: Path) -> None:
    port = free_port()
    with service(house, port):
        told = program(tmp_path, "canary", "--once", environ=beside(house, port))
        assert told.returncode == 0, told.stdout + told.stderr
        assert re.search(r"^web: answered within \d+\.\d s, and erased\.$", told.stdout, re.MULTILINE)
        assert "Telegram: not watched" in told.stdout
        assert "Matrix: not watched" in told.stdout
        assert [rows(house, table) for table in ("contact", "handoff", "offer")] == [0, 0, 0]
        # What is left of the conversation is its closed husk, without a key, a word or a due time.
        with closing(sqlite3.connect(house / "data/hotline.db")) as database:
            left = database.execute("SELECT stage, data_key, state_sealed FROM conversation").fetchall()
            assert left == [("closed", None, None)]


def test_without_an_answer_one_round_says_what_did_not_come(house: Path, tmp_path: Path) -> None:
    told = program(tmp_path, "canary", "--once", "--patience", "1", environ=beside(house, free_port()))
    assert told.returncode == 1
    assert "web: silent for 1 s; waited to be opened." in told.stdout


@pytest.mark.long
def test_a_killed_service_is_called_once_and_called_off_when_it_answers_again(
    house: Path, tmp_path: Path, pager: Pager
) -> None:
    port = free_port()
    environ = beside(house, port, HOTLINE_CANARY_WEBHOOK=f"http://127.0.0.1:{pager.server_port}/x")
    pager.fails = 1  # the first call is not taken: it is asked for again
    log = tmp_path / "log"
    with service(house, port) as running, log.open("w") as errors, subprocess.Popen(
        [PROGRAM, "canary", "--every", "1", "--patience", "3"],
        cwd=tmp_path, env=environ, stdout=subprocess.DEVNULL, stderr=errors,
    ) as bird:  # fmt: skip
        try:
            until(lambda: log.read_text().count('"answered"') >= 2)
            assert pager.taken == []
            running.send_signal(signal.SIGKILL)
            running.wait(10)
            until(lambda: pager.taken)
            seen = log.read_text().count('"no answer"')
            until(lambda: log.read_text().count('"no answer"') >= seen + 2)
            assert len(pager.taken) == 1  # a silence that lasts is not called at each round
            with service(house, port):
                until(lambda: len(pager.taken) == 2)
                until(lambda: rows(house, "contact") == 0)
        finally:
            bird.kill()
    assert [json.loads(body) for _, body in pager.taken] == [
        {"text": "Please look at your machine."},
        {"text": "Your machine is well again."},
    ]
    assert '"a call was not taken"' in log.read_text()


@pytest.mark.long
def test_a_service_killed_in_the_middle_of_a_round_and_back_in_time_is_no_silence(
    house: Path, tmp_path: Path
) -> None:
    port = free_port()
    with service(house, port) as running:
        running.send_signal(signal.SIGSTOP)  # it takes the connection and says nothing
        with subprocess.Popen(
            [PROGRAM, "canary", "--once", "--patience", "60"],
            cwd=tmp_path, env=beside(house, port), stdout=subprocess.PIPE, text=True,
        ) as bird:  # fmt: skip
            assert bird.stdout is not None
            assert bird.stdout.readline().startswith("Web chat: watched")
            time.sleep(1)
            running.kill()
            running.wait(10)
            with service(house, port):
                try:
                    told = bird.communicate(timeout=70)[0]
                finally:
                    bird.kill()
    assert bird.returncode == 0, told
    assert rows(house, "contact") == 0


def test_nobody_to_call_is_refused_and_a_trial_call_tells_whether_it_was_taken(
    tmp_path: Path, pager: Pager
) -> None:
    told = program(tmp_path, "canary", environ={"PATH": "/usr/bin"})
    assert told.returncode == 1
    assert "Nobody would be called" in told.stderr
    environ = {"PATH": "/usr/bin", "HOTLINE_CANARY_WEBHOOK": f"http://127.0.0.1:{pager.server_port}/x"}
    assert program(tmp_path, "canary", "--try-call", environ=environ).returncode == 0
    assert pager.taken == [("application/json", '{"text": "This is a trial of the call."}')]
    pager.fails = 1
    assert program(tmp_path, "canary", "--try-call", environ=environ).returncode == 1


def test_half_a_mail_is_told_with_its_cure(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin", "HOTLINE_CANARY_MAIL_SERVER": "smtp://localhost"}
    told = program(tmp_path, "canary", environ=environ)
    assert told.returncode == 1
    assert "HOTLINE_CANARY_MAIL_FROM: not set" in told.stderr
    wrong = {"PATH": "/usr/bin", "HOTLINE_CANARY_WEBHOOK": "http://pager.example.org/secret"}
    told = program(tmp_path, "canary", environ=wrong)
    assert told.returncode == 1
    assert "https://" in told.stderr
    assert "secret" not in told.stderr


def test_a_mail_says_nothing_of_a_hotline(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        letter: list[str] = []
        thread = threading.Thread(target=_take_a_letter, args=(listening, letter))
        thread.start()
        environ = {
            "PATH": "/usr/bin",
            "HOTLINE_CANARY_MAIL_SERVER": f"smtp://127.0.0.1:{listening.getsockname()[1]}",
            "HOTLINE_CANARY_MAIL_FROM": "machine@example.org",
            "HOTLINE_CANARY_MAIL_TO": "night@example.org",
        }
        told = program(tmp_path, "canary", "--try-call", environ=environ)
        thread.join(10)
    assert told.returncode == 0, told.stderr
    text = "\n".join(letter)
    assert "Subject: This is a trial of the call." in text
    assert "hotline" not in text.lower()
    assert "hearthline" not in text.lower()


def _take_a_letter(listening: socket.socket, letter: list[str]) -> None:
    """As much of a mail server as one letter needs (RFC 5321)."""
    connection, _ = listening.accept()
    with connection, connection.makefile("rw", newline="\r\n") as wire:

        def answer(code: str) -> None:
            wire.write(f"{code}\n")
            wire.flush()

        answer("220 here")
        for line in wire:
            word = line.strip().upper()
            if word == "DATA":
                answer("354 go on")
                for part in wire:
                    if part.strip() == ".":
                        break
                    letter.append(part.rstrip())
                answer("250 taken")
            elif word == "QUIT":
                answer("221 bye")
                return
            else:
                answer("250 ok")


def test_a_silence_is_called_again_each_hour_and_called_off_once() -> None:
    watch = Watch(600)
    assert watch.after(0, whole=True) is None
    assert watch.rest(3) == 597
    assert watch.after(700, whole=False) is News.SILENT
    assert watch.rest(0) == LOOKS_AGAIN
    assert watch.after(760, whole=False) is News.SILENT  # nobody took the first
    watch.told(News.SILENT, 760)
    assert watch.after(820, whole=False) is None
    assert watch.after(760 + AGAIN_EVERY, whole=False) is News.SILENT
    watch.told(News.SILENT, 760 + AGAIN_EVERY)
    assert watch.after(9000, whole=True) is News.WELL
    assert watch.rest(0) == LOOKS_AGAIN  # until somebody took that
    watch.told(News.WELL, 9000)
    assert watch.after(9600, whole=True) is None
    assert watch.rest(0) == 600
