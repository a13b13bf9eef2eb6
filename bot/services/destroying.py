"""Destroying everything, at once and for good (`destroy-now`): for a seizure or a threat.

The key ring goes first: from that moment nothing opens anything, in this process or another. All the rest
only takes away what is unreadable by then. Nothing here waits long for the service, the disk or a person.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.services.premises import database_file
from bot.settings import Settings
from bot.store.crew import anyone_lives
from bot.store.engine import open_engine
from bot.store.every_table import metadata
from bot.store.folder_lock import holding_processes, is_held
from bot.store.notices import Word, tell
from bot.vault.durable import remove_durably
from bot.vault.key_ring import KeyRing

SMALL: Final = 32 * 1024 * 1024
"""Files up to this size are overwritten before they are removed; larger ones would take too long."""

_TERM_FOR: Final = 1.0  # seconds the service has to end by itself before it is ended
_KILL_FOR: Final = 0.5
_RING_FOR: Final = 0.7


class Remains(Exception):
    """Something could not be destroyed; `left` says what, and what it is still worth."""

    def __init__(self, left: tuple[str, ...]) -> None:
        super().__init__("\n".join(left))
        self.left = left


def destroy(settings: Settings, say: Callable[[str], None]) -> None:
    """Destroy key ring, service, master key and database, in this order, each whatever became of the others.

    `say` gets a sentence after each. Raises `Remains` at the end if anything is left.
    """
    left: list[str] = []
    steps: tuple[tuple[str, Callable[[Settings], Iterator[str]]], ...] = (
        ("The key ring is destroyed. Nothing opens anything from here on.", _ring),
        ("The service has stopped.", _service),
        ("The master key is destroyed.", _master_key),
        ("The database is removed.", _database),
    )
    for done, step in steps:
        try:
            remains = list(step(settings))
        except (OSError, SQLAlchemyError) as error:
            remains = [f"{done.split(' is ')[0].split(' has ')[0]}: {type(error).__name__}"]
        left += remains
        if not remains:
            say(done)
    if left:
        raise Remains(tuple(left))


def _ring(settings: Settings) -> Iterator[str]:
    folder = settings.key_ring_folder
    # A service that hangs while it writes the ring holds its lock; then it is ended first (see `_service`).
    work = threading.Thread(target=KeyRing.destroy, args=(folder,), daemon=True)
    work.start()
    work.join(_RING_FOR)
    if work.is_alive():
        yield from _service(settings)
        work.join(_RING_FOR)
    if KeyRing.exists(folder):
        yield f"The key ring at {settings.key_ring_folder} is still there: destroy it by hand, now."


def _service(settings: Settings) -> Iterator[str]:
    """Keys it holds in memory go with it, here and on every other machine that serves this database."""
    folder = settings.data_dir
    ended = threading.Event()
    telling = threading.Thread(target=_end_all, args=(settings, ended), daemon=True)
    telling.start()
    for ending, seconds in ((signal.SIGTERM, _TERM_FOR), (signal.SIGKILL, _KILL_FOR)):
        processes = holding_processes(folder)
        if not processes:
            break
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, ending)
        until = time.monotonic() + seconds
        while is_held(folder) and time.monotonic() < until:
            time.sleep(0.02)
    if is_held(folder):
        yield (
            "The service is still running and could not be ended from here. It opens nothing any more; "
            "stop it, so that what it holds in memory goes too."
        )
        return
    telling.join(_TERM_FOR)
    if not ended.is_set():
        yield (
            "Another machine still serves this database, or the database does not answer. It opens nothing "
            "any more; stop the service there, so that what it holds in memory goes too."
        )


def _end_all(settings: Settings, ended: threading.Event) -> None:
    """Tell every process on the same PostgreSQL to end; `ended` is set once all have."""
    if database_file(settings) is not None:
        ended.set()
        return
    engine = open_engine(settings.database)
    try:
        with engine.begin() as connection:
            tell(connection, Word.END)
        while not ended.is_set():
            with engine.connect() as connection:
                if not anyone_lives(connection):
                    ended.set()
            time.sleep(0.05)
    except SQLAlchemyError:
        return  # whoever waits for `ended` says that it did not come about
    finally:
        engine.dispose()


def _master_key(settings: Settings) -> Iterator[str]:
    path = settings.master_key_path
    if path is None:
        return
    try:
        remove_durably(path)
    except OSError as error:
        yield (
            f"The master key at {path} could not be removed ({error.strerror}). It opens nothing any more: "
            "the ring it sealed is gone."
        )


def _database(settings: Settings) -> Iterator[str]:
    main = database_file(settings)
    if main is not None:
        for file in (main, Path(f"{main}-wal"), Path(f"{main}-shm"), Path(f"{main}-journal")):
            _remove(file)
        return
    engine = open_engine(settings.database)
    try:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    except SQLAlchemyError as error:
        cause = type(error.__cause__ or error).__name__
        yield f"The tables could not be dropped ({cause}). What lies in them cannot be opened any more."
    finally:
        engine.dispose()


def _remove(file: Path) -> None:
    if file.exists() and file.stat().st_size <= SMALL:
        remove_durably(file)
    else:
        file.unlink(missing_ok=True)
