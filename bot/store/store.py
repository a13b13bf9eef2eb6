"""One store: a writer thread that commits work in groups, and a reader beside it (design §3).

Work is a plain function of a connection. Jobs that wait while a commit runs share the next transaction,
each in its own savepoint, so that a busy moment costs one fsync and a failing job spoils no other.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from bot.store.chance import is_chance, is_lost

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
MOST_IN_ONE_COMMIT = 64
TROUBLE_LASTS = 15.0  # seconds: every loop and channel has tried again by then
TRIES = 3

_Job = tuple[Callable[[Connection], Any], "Future[Any]"]


@dataclass(slots=True)
class _Transaction:
    """One attempt: on which connection, and whether its commit has begun."""

    connection: Connection | None
    commits: bool = False

    def may_be_repeated(self, failure: BaseException) -> bool:
        """Nothing of it was kept, and the same may well succeed now.

        Once the commit was asked for, a lost server leaves unknown whether it was done: that is the caller's.
        """
        return is_chance(failure) or (not self.commits and is_lost(failure))

    def close(self) -> None:
        """Give up the connection."""
        if self.connection is not None:
            with suppress(Exception):
                self.connection.close()


class Store:
    """Runs work in transactions, off the event loop.

    Work may be run more than once, when it lost against another process on the same database or when the
    server went away under it: each time in a new transaction, and only if nothing of it was kept.

    Use as a context manager; leaving it waits for accepted work to finish.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._troubled_at: float | None = None
        self._threads = (
            threading.Thread(target=self._write_loop, name="store-writer", daemon=True),
            threading.Thread(target=self._read_loop, name="store-reader", daemon=True),
        )

    def __enter__(self) -> Self:
        """Start the threads."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish what was accepted, then stop."""
        self._jobs.put(None)
        self._reads.put(None)
        for thread in self._threads:
            thread.join()
        self.engine.dispose()

    async def write(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction; returns after the commit, raises what it or the commit raised."""
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Work[Result]) -> "Future[Result]":
        """As `write`, for callers without an event loop."""
        future: Future[Result] = Future()
        self._jobs.put((work, future))
        return future

    @property
    def troubled(self) -> bool:
        """Whether something could not be stored in the last seconds: a full disk, a server that is away."""
        return self._troubled_at is not None and time.monotonic() - self._troubled_at < TROUBLE_LASTS

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` on a snapshot; anything it writes is rolled back."""
        future: Future[Result] = Future()
        self._reads.put((work, future))
        return await asyncio.wrap_future(future)

    def _write_loop(self) -> None:
        connection: Connection | None = None
        ending = False
        while not ending:
            job = self._jobs.get()
            if job is None:
                break
            group = [job]
            while len(group) < MOST_IN_ONE_COMMIT and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    ending = True
                    break
                group.append(following)
            # From here on a caller that gives up no longer changes its future under our hands.
            group = [job for job in group if job[1].set_running_or_notify_cancel()]
            if group:
                connection = self._commit_together(connection, group)
        if connection is not None:
            connection.close()

    def _commit_together(self, connection: Connection | None, group: list[_Job]) -> Connection | None:
        """One transaction for all of them; what stopped it by chance is tried again, each job alone."""
        for attempt in count(1):
            transaction = _Transaction(connection)
            try:
                connection = self._attempt(transaction, group)
            except BaseException as failure:  # noqa: BLE001  whoever asked must learn of it, whatever it was
                self._note(failure)
                # A failed commit or a lost server may leave the connection useless; a new one costs little.
                transaction.close()
                connection = None
                if attempt >= TRIES or not transaction.may_be_repeated(failure):
                    for _, future in group:
                        if not future.done():
                            future.set_exception(failure)
                    return None
                if len(group) > 1:
                    for job in group:
                        connection = self._commit_together(connection, [job])
                    return connection
            else:
                return connection
        raise AssertionError

    def _attempt(self, transaction: "_Transaction", group: list[_Job]) -> Connection:
        answers: list[tuple[Future[Any], Any]] = []
        failures: list[tuple[Future[Any], Exception]] = []
        connection = transaction.connection = transaction.connection or self.engine.connect()
        with connection.begin():
            if len(group) == 1:
                work, future = group[0]
                answers.append((future, work(connection)))
            else:
                failures = self._run_in_savepoints(connection, group, answers)
            transaction.commits = True
        # Nobody is told anything before the commit: whoever lost a race may look at once who won it.
        for future, answer in answers:
            future.set_result(answer)
        for future, refused in failures:
            future.set_exception(refused)
        return connection

    def _run_in_savepoints(
        self, connection: Connection, group: list[_Job], answers: list[tuple["Future[Any]", Any]]
    ) -> list[tuple["Future[Any]", Exception]]:
        failures: list[tuple[Future[Any], Exception]] = []
        for work, future in group:
            savepoint = connection.begin_nested()
            try:
                answer = work(connection)
            except Exception as failure:
                if is_chance(failure):
                    raise
                self._note(failure)
                savepoint.rollback()
                failures.append((future, failure))
            else:
                savepoint.commit()
                answers.append((future, answer))
        return failures

    def _note(self, failure: BaseException) -> None:
        if isinstance(failure, OperationalError):
            self._troubled_at = time.monotonic()

    def _read_loop(self) -> None:
        while True:
            job = self._reads.get()
            if job is None:
                return
            work, future = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                with self.engine.connect().execution_options(reads_only=True) as connection:
                    transaction = connection.begin()
                    try:
                        answer = work(connection)
                    finally:
                        transaction.rollback()
            except BaseException as failure:  # noqa: BLE001  as above
                future.set_exception(failure)
            else:
                future.set_result(answer)
