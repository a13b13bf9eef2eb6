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

# Seconds waited at most, whatever hangs: for the ring, for the service to end by itself, for it to be ended,
# for the ring once nobody can hold it, for other machines. The tables get what is left of ALL, or this least.
_RING_FOR: Final = 0.3
_TERM_FOR: Final = 0.5
_KILL_FOR: Final = 0.2
_RING_FREED_FOR: Final = 0.9
_OTHERS_FOR: Final = 1.0
_TABLES_AT_LEAST: Final = 0.8
ALL: Final = 3.8

RING_AT_MOST: Final = _RING_FOR + _TERM_FOR + _KILL_FOR + _RING_FREED_FOR
"""Seconds of waiting until the key ring is gone, when a service hangs and holds it."""

AT_MOST: Final = max(ALL, RING_AT_MOST + _TERM_FOR + _KILL_FOR + _OTHERS_FOR + _TABLES_AT_LEAST)
"""Seconds of waiting in all, when nothing answers: neither the service nor the database."""


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
    until = time.monotonic() + ALL
    steps: tuple[tuple[str, Callable[[Settings], Iterator[str]]], ...] = (
        ("The key ring is destroyed. Nothing opens anything from here on.", _ring),
        ("The service has stopped.", _service),
        ("The master key is destroyed.", _master_key),
        ("The database is removed.", lambda settings: _database(settings, until)),
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
    # A service that hangs while it writes the ring holds its lock; then it is ended first.
    work = threading.Thread(target=KeyRing.destroy, args=(folder,), daemon=True)
    work.start()
    work.join(_RING_FOR)
    if work.is_alive():
        _end_here(settings)
        work.join(_RING_FREED_FOR)
    if KeyRing.exists(folder):
        yield f"The key ring at {settings.key_ring_folder} is still there: destroy it by hand, now."


def _service(settings: Settings) -> Iterator[str]:
    """Keys it holds in memory go with it, here and on every other machine that serves this database."""
    ended = threading.Event()
    threading.Thread(target=_end_all, args=(settings, ended), daemon=True).start()
    if not _end_here(settings):
        yield (
            "The service is still running and could not be ended from here. It opens nothing any more; "
            "stop it, so that what it holds in memory goes too."
        )
        return
    if not ended.wait(_OTHERS_FOR):
        yield (
            "Another machine still serves this database, or the database does not answer. It opens nothing "
            "any more; stop the service there, so that what it holds in memory goes too."
        )


def _end_here(settings: Settings) -> bool:
    """End the service on this machine, kindly and then not; whether it has ended."""
    folder = settings.data_dir
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
    return not is_held(folder)


def _end_all(settings: Settings, ended: threading.Event) -> None:
    """Tell every process on the same PostgreSQL to end; `ended` is set once all have."""
    if database_file(settings) is not None:
        ended.set()
        return
    engine = open_engine(settings.database, hurried=True)
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


def _database(settings: Settings, until: float) -> Iterator[str]:
    main = database_file(settings)
    if main is not None:
        for file in (main, Path(f"{main}-wal"), Path(f"{main}-shm"), Path(f"{main}-journal")):
            _remove(file)
        return
    causes = ["no answer in time"]
    # In a thread of its own: a driver has waits nobody can shorten, for a name or a network that is silent.
    work = threading.Thread(target=_drop_tables, args=(settings, causes), daemon=True)
    work.start()
    work.join(max(_TABLES_AT_LEAST, until - time.monotonic()))
    if causes:
        yield f"The tables could not be dropped ({causes[-1]}). What lies in them cannot be opened any more."


def _drop_tables(settings: Settings, causes: list[str]) -> None:
    """Drop every table; `causes` is empty afterwards, or ends with why they could not be dropped."""
    engine = open_engine(settings.database, hurried=True)
    try:
        with engine.begin() as connection:
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        causes.clear()
    except SQLAlchemyError as error:
        causes.append(type(error.__cause__ or error).__name__)
    finally:
        engine.dispose()


def _remove(file: Path) -> None:
    if file.exists() and file.stat().st_size <= SMALL:
        remove_durably(file)
    else:
        file.unlink(missing_ok=True)
