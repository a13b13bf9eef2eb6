"""A small town for service tests: the whole service without a network, on a real database.

Women write over the fake channel, volunteers act through the services, and the clock moves only when a test
says so. `settle` plays every loop of the program until nothing is left to do; `passes` lets time go by from
one deadline to the next; `restarts` drops everything the process knew and opens the same files again.
"""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.identifiers import Identifiers
from bot.model import Role
from bot.services import admitting, deadlines, desk, outgoing, people, phrases, receipts, turning
from bot.services.house import House
from bot.services.intake import take_batch
from bot.services.library import Library
from bot.services.restoring import forget_unopenable, hold_everything
from bot.services.turns import take_turns
from bot.store import people_tables as p, tables as t
from bot.store.engine import open_engine
from bot.store.migrate import upgrade
from bot.store.moments import from_moment, to_moment
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import create_master_key, load_master_key
from bot.vault.passwords import hash_secret, verify_secret
from bot.vault.vault import Vault
from channels.message import Address, Batch, DeliveryState, InboundMessage, Left, Presence, Reconnected, Seen
from handoff.model import Outcome
from tests.fakes.channel import TABLES, FakeChannel, Person
from tests.migrated import migrated
from tests.shipped import LANGUAGES, NOON, board_of, shipped, shipped_library

__all__ = ["NOON", "Chat", "Clock", "CountedIdentifiers", "Town", "board_of", "make_town", "shipped"]
MOST_ROUNDS = 400


@dataclass
class Clock:
    """A clock that stands still until moved."""

    at: datetime = NOON
    elapsed: timedelta = timedelta(0)  # what has really passed, whatever the clock was set to

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Time goes by."""
        self.at += timedelta(**by)
        self.elapsed += timedelta(**by)

    def step(self, **by: float) -> None:
        """The clock is set, forward or back; no time goes by."""
        self.at += timedelta(**by)


class Crash(Exception):
    """The process died here; the test goes on with `restarts`."""


class CountedIdentifiers(Identifiers):
    """Ids in a row, so that the same life is lived the same way twice."""

    def __init__(self) -> None:
        self.made = 0

    def new_id(self) -> str:
        self.made += 1
        return f"{self.made:026d}"


@dataclass
class Town:
    """See the module.

    `before_record`, if set, is called between the wire's answer and our record of it; a `Crash` it raises
    leaves the entry as a dead process would. `on_wire` is called with each departure just before the wire.
    """

    folder: Path
    url: str
    channels: dict[str, FakeChannel]
    clock: Clock = field(default_factory=Clock)
    library: Library = field(default_factory=shipped_library)
    identifiers: Identifiers = field(default_factory=Identifiers)
    ready: bool = False  # the folder holds a town already
    before_record: Callable[[], None] = lambda: None
    on_wire: Callable[[outgoing.Departure], None] = lambda _: None
    alerts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    patient: bool = False  # whoever misses offers says each time that she is back, and takes none

    def __post_init__(self) -> None:
        self._open_database()
        if self.ready:
            self._offered = dict.fromkeys(self.channels, 0)
            self._open_house()
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.url == f"sqlite:///{self.folder}/hotline.db":
            # Every migration once a process, not once a test: the file they make is always the same.
            (self.folder / "hotline.db").write_bytes(migrated())
        upgrade(self.engine)
        KeyRing.create(self.folder / "keys", create_master_key(self.folder / "master.key"), self.clock.now())
        self._offered = dict.fromkeys(self.channels, 0)
        self._open_house()
        with self.engine.begin() as connection:
            connection.execute(insert(t.desk), [{"id": d, "created_at": 0} for d in ("network", "demo")])
        for alias, role in (
            ("Maple", Role.VOLUNTEER),
            ("Juniper", Role.VOLUNTEER),
            ("Alder", Role.SUPERVISOR),
        ):
            self.add_person(alias, role)

    def _open_database(self) -> None:
        self.engine = open_engine(self.url)
        self._connection: Connection | None = None

    def closes(self) -> None:
        """Nobody has the database open any more, and all of it is in its one file."""
        if self._connection is not None and not self._connection.closed:
            self._connection.detach()  # the pool it came from may be gone
            self._connection.close()
        self.engine.dispose()

    def _open_house(self) -> None:
        ring = KeyRing.open(self.folder / "keys", load_master_key(self.folder / "master.key"))
        self.house = House(
            vault=Vault(ring),
            identifiers=self.identifiers,
            library=self.library,
            channels={name: channel.capabilities for name, channel in self.channels.items()},
        )
        self.after: list[tuple[str, str, str]] = []

    # --- people ---------------------------------------------------------------------------------------
    def add_person(self, alias: str, role: Role, languages: Iterable[str] = LANGUAGES, chats: int = 1) -> str:
        profile = people.Profile(alias=alias, languages=list(languages), max_chats=chats)

        def work(connection: Connection) -> str:
            person = people.invite(connection, self.house, profile, [(role, "demo")], self.now)
            admitting.activate(connection, person)
            people.set_present(connection, person, True)
            return person

        return self.write(work)

    def set_ready(self, alias: str, *, ready: bool) -> None:
        """The volunteer says that she takes chats, or that she does not."""
        person = self.person_id(alias)
        self.write(lambda c: people.set_present(c, person, ready))

    def person_id(self, alias: str) -> str:
        return self.read(lambda c: people.find(c, self.house, alias).id)

    def woman(self, handle: str = "ann", channel: str = "") -> Person:
        return self.channels[channel or next(iter(self.channels))].person(handle)

    # --- database -------------------------------------------------------------------------------------
    @property
    def now(self) -> int:
        return to_moment(self.clock.now())

    def write(self, work: Any) -> Any:
        """Do `work` in one transaction; the connection stays open, since a town makes hundreds of them."""
        if threading.current_thread() is not threading.main_thread():
            with self.engine.begin() as connection:  # several at once, each on its own
                return work(connection)
        if self._connection is None or self._connection.invalidated:
            self._connection = self.engine.connect()
        with self._connection.begin():
            return work(self._connection)

    read = write

    def rows(self, table: Any, *where: Any) -> list[Any]:
        """Rows of a table."""
        return self.read(lambda c: c.execute(select(table).where(*where)).all())

    def count(self, name: str) -> int:
        """A counter, over all months."""
        return sum(row.value for row in self.rows(t.counter, t.counter.c.name == name))

    # --- loops ----------------------------------------------------------------------------------------
    async def settle(self) -> None:
        """Play intake, turns, deadlines and outbox until all are idle."""
        for _ in range(MOST_ROUNDS):
            if self.patient:
                self.write(self._everybody_is_back)
            busy = await self.intake()
            busy |= await self.turns()
            busy |= await self.due()
            busy |= await self.outbox()
            if not busy:
                return
        raise AssertionError("the town does not come to rest")

    def _everybody_is_back(self, connection: Connection) -> None:
        away = select(p.attendance.c.person).where(p.attendance.c.pause == "away")
        for person in connection.execute(away).scalars().all():
            people.set_present(connection, person, True)

    async def passes(self, **by: float) -> None:
        """Let time go by, stopping at everything that falls due on the way."""
        until = self.clock.at + timedelta(**by)
        await self.settle()
        while (at := self._next_due()) is not None and at <= until:
            self.clock.move(seconds=max(0.0, (at - self.clock.at).total_seconds()))
            await self.settle()
        self.clock.move(seconds=(until - self.clock.at).total_seconds())
        await self.settle()

    def _next_due(self) -> datetime | None:
        later = [row.at for row in self.rows(t.due)]
        later += [row.due_at for row in self.rows(t.outbox, t.outbox.c.state.in_(outgoing.WAITING))]
        moments = [at for at in later if at > self.now]
        return from_moment(min(moments)) if moments else None

    async def intake(self, *, acknowledge: bool = True) -> bool:
        busy = False
        for name, channel in self.channels.items():
            updates = channel._updates[self._offered[name] :]
            if updates:
                busy = True
                batch = batch_of(name, updates)
                writes = self.write(lambda c, b=batch: take_batch(c, self.house, b, self.now))
                if acknowledge:
                    self._offered[name] += len(updates)
                    await self.follow(writes.after)
        return busy

    async def turns(self) -> bool:
        taken = self.write(lambda c: take_turns(c, self.house, self.now))
        await self.follow(taken.after)
        return bool(taken.acts)

    async def due(self) -> bool:
        done = self.write(lambda c: deadlines.do_due(c, self.house, self.now))
        for conversation in done.phrases:
            comparison = self.write(lambda c, x=conversation: phrases.prepare(c, self.house, x, self.now))
            if comparison is not None:
                self.compare(comparison)
        await self.follow(done.after)
        return bool(done.rows)

    def compare(self, comparison: phrases.Comparison) -> None:
        """What the due loop does with a phrase, between two transactions."""
        results = [verify_secret(known, comparison.words) for known in comparison.hashes]
        fresh = hash_secret(comparison.words) if comparison.setting else None
        self.write(lambda c: phrases.finish(c, self.house, comparison, results, fresh, self.now))

    async def outbox(self) -> bool:
        busy = False
        for name, channel in self.channels.items():
            departures = self.write(lambda c, n=name: outgoing.claim(c, self.house, n, self.now))
            busy |= bool(departures)
            results: list[Any] = []
            stopped: set[str] = set()
            for departure in departures:
                if departure.conversation in stopped:
                    results.append((departure, None))
                    continue
                self.on_wire(departure)
                receipt = await channel.send(departure.message)
                if receipt.state is DeliveryState.FAILED_FOR_NOW:
                    stopped.add(departure.conversation)
                results.append((departure, receipt))
            if results:
                self.before_record()
                self.write(lambda c, r=results: receipts.record(c, self.house, r, self.now))
        return busy

    async def follow(self, after: Iterable[tuple[str, str, str]]) -> None:
        for kind, first, second in after:
            if kind in {"forget", "leave"}:
                await self.channels[first].forget(Address(first, second), for_good=kind == "forget")
            elif kind == "alert":
                self.alerts.append((first, second))

    # --- mishaps --------------------------------------------------------------------------------------
    def restarts(self) -> None:
        """The process is gone and a new one opens the same files, as `run` does."""
        self.closes()
        self._open_database()
        upgrade(self.engine)
        self._open_house()
        self.before_record, self.on_wire = (lambda: None), (lambda _: None)
        self.write(lambda c: outgoing.recover(c, self.house, self.now))
        self.write(lambda c: deadlines.repair(c, self.house, self.now))

    def saves_copy(self) -> Path:
        """A backup of the database as it stands (SQLite)."""
        copy = self.folder / "copy.db"
        copy.unlink(missing_ok=True)
        with sqlite3.connect(self.folder / "hotline.db") as here, sqlite3.connect(copy) as there:
            here.backup(there)
        return copy

    def restores(self, copy: Path) -> None:
        """The database is replaced by an older copy; the key ring stays as it is."""
        self.closes()
        for name in ("hotline.db", "hotline.db-wal", "hotline.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(copy, self.folder / "hotline.db")
        self._open_database()
        self.write(hold_everything)
        self.write(lambda c: forget_unopenable(c, self.house))
        self.restarts()

    def turns_keys(self) -> None:
        """A new epoch, as the periodic job does it."""
        turning.begin(self.house, self.clock.now())
        while self.write(lambda c: turning.rewrap_some(c, self.house)):
            pass
        turning.shred(self.house, self.write(lambda c: turning.retire(c, self.house, self.clock.now())))

    # --- a volunteer's hand --------------------------------------------------------------------------
    def waiting(self) -> list[Any]:
        return self.rows(t.handoff, t.handoff.c.state == "waiting")

    def handoff(self, handoff: str) -> Any:
        return self.rows(t.handoff, t.handoff.c.id == handoff)[0]

    def accept(self, alias: str, handoff: str | None = None) -> "Chat":
        person = self.person_id(alias)
        handoff = handoff or self.waiting()[0].id
        version = self.write(lambda c: desk.accept(c, self.house, handoff, person, self.now))
        return Chat(self, handoff, person, version)


@dataclass
class Chat:
    """One accepted chat, from the volunteer's side."""

    town: Town
    handoff: str
    person: str
    version: int

    def writes(self, text: str, *, anyway: bool = True) -> desk.Written:
        return self._does(desk.write, text, anyway=anyway)

    def notes(self, text: str) -> None:
        self._does(desk.note, text)

    def passes_on(self) -> None:
        self._does(desk.pass_on)

    def closes(self, outcome: Outcome = Outcome.TALKED) -> int:
        return self._does(desk.close, outcome)

    def presses(self, button: str) -> None:
        self._does(getattr(desk, button))

    def _does(self, act: Callable[..., Any], *given: Any, **options: Any) -> Any:
        town, mine = self.town, (self.handoff, self.person, self.version)
        return town.write(lambda c: act(c, town.house, *mine, *given, town.now, **options))


def batch_of(name: str, updates: Iterable[Any], cursor: str | None = None) -> Batch:
    """The updates as one batch."""
    updates = list(updates)
    return Batch(
        channel=name,
        messages=tuple(u for u in updates if isinstance(u, InboundMessage)),
        presences=tuple(u for u in updates if isinstance(u, Presence)),
        reconnections=tuple(u for u in updates if isinstance(u, Reconnected)),
        seen=tuple(u for u in updates if isinstance(u, Seen)),
        left=tuple(u for u in updates if isinstance(u, Left)),
        cursor=cursor,
    )


def make_town(folder: Path, url: str | None = None, names: Iterable[str] = ("web",)) -> Town:
    """A town on SQLite in `folder`, or on the database at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    return Town(
        folder, url or f"sqlite:///{folder}/hotline.db", {n: FakeChannel(n, TABLES[n]) for n in names}
    )
