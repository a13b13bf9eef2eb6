"""Several members on one PostgreSQL: one leads, the others take over in seconds, nobody leads twice."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from bot.clock import SharedClock
from bot.identifiers import Identifiers
from bot.services import epochs
from bot.store import crew, membership, tables as t
from bot.store.crew import HOUSE, LeadLost, Term, channel_lead
from bot.store.engine import open_engine
from bot.store.membership import Alone, Membership, NotAdmitted
from bot.store.migrate import upgrade
from bot.store.notices import Notice, Word, tell
from bot.vault.errors import OtherRing
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import MasterKey
from bot.vault.vault import Vault

MASTER = MasterKey(bytes(32))
TELEGRAM = channel_lead("telegram")


@dataclass
class Crowd:
    """A database, a key ring's folder, and the members a test brings up."""

    url: str
    folder: Path
    engine: Engine
    up: list[Membership] = field(default_factory=list[Membership])
    engines: list[Engine] = field(default_factory=list[Engine])

    def member(self, folder: Path | None = None, *, admitted: bool = True) -> Membership:
        name = Identifiers().new_id()
        ring = folder or self.folder
        vault = Vault(KeyRing.open(ring, MASTER))
        engine = open_engine(self.url, name)
        self.engines.append(engine)
        one = Membership(engine, name, ring, SharedClock(), lambda c: epochs.refuse_other_ring(c, vault))
        self.up.append(one)
        one.start()
        if admitted:
            one.wait_until_admitted()
            one.want(TELEGRAM)
        return one

    def leader(self, lead: str = HOUSE, among: list[Membership] | None = None) -> Membership:
        return until(lambda: next((one for one in among or self.up if one.term_of(lead)), None))

    def leaders(self, lead: str = HOUSE) -> int:
        return sum(one.term_of(lead) is not None for one in self.up)


def until(answer: Callable[[], object], within: float = 12.0) -> object:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if (found := answer()) is not None and found is not False:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not come about in time")


@pytest.fixture
def crowd(fresh_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    """Members with a lease of a second: what is tested is the order of things."""
    for name, seconds in (("LEASE", 1.2), ("MARGIN", 0.2), ("BEAT_EVERY", 0.2), ("PULSE_LASTS", 0.6)):
        monkeypatch.setattr(membership, name, seconds)
    monkeypatch.setattr(membership, "ADMITTED_WITHIN", 3.0)
    engine = open_engine(fresh_postgres)
    upgrade(engine)
    ring = KeyRing.create(tmp_path / "ring", MASTER, datetime.now(UTC))
    with engine.begin() as connection:
        epochs.note(connection, Vault(ring))
    made = Crowd(fresh_postgres, tmp_path / "ring", engine)
    yield made
    for one in made.up:
        one.resign()
    for each in (engine, *made.engines):
        each.dispose()


def test_one_leads_and_the_next_takes_over_at_once_when_it_resigns(crowd: Crowd) -> None:
    first, second = crowd.member(), crowd.member()
    assert crowd.leader() is first
    assert crowd.leaders() == 1
    before = first.term_of(HOUSE)
    assert before is not None
    first.resign()
    began = time.monotonic()
    assert crowd.leader(among=[second]) is second
    assert time.monotonic() - began < 1.0, "nothing is waited for when the one before has said that it ends"
    after = second.term_of(HOUSE)
    assert after is not None and after.number == before.number + 1


def test_each_lead_is_held_by_exactly_one_however_many_there_are(crowd: Crowd) -> None:
    everyone = [crowd.member() for _ in range(4)]
    for lead in (HOUSE, TELEGRAM):
        crowd.leader(lead)
    for _ in range(30):
        assert crowd.leaders(HOUSE) == crowd.leaders(TELEGRAM) == 1
        time.sleep(0.02)
    while everyone:
        gone = crowd.leader(among=everyone)
        everyone.remove(gone)
        gone.resign()
        if everyone:
            crowd.leader(HOUSE, everyone)
            crowd.leader(TELEGRAM, everyone)
            assert crowd.leaders(HOUSE) == 1


def test_a_member_whose_event_loop_stands_still_loses_its_lead_before_another_has_it(crowd: Crowd) -> None:
    first, second = crowd.member(), crowd.member()
    crowd.leader(among=[first])
    crowd.leader(TELEGRAM, [first])
    both: list[bool] = []
    watching = threading.Event()

    def watch() -> None:
        while not watching.is_set():
            both.append(first.term_of(TELEGRAM) is not None and second.term_of(TELEGRAM) is not None)

    thread = threading.Thread(target=watch)
    thread.start()
    first.pulse()  # and never again
    crowd.leader(TELEGRAM, [second])
    crowd.leader(HOUSE, [second])
    assert first.term_of(TELEGRAM) is None
    keeps_turning = threading.Event()

    def turn() -> None:
        while not keeps_turning.wait(0.05):
            first.pulse()

    turning = threading.Thread(target=turn)
    turning.start()  # it wakes up again
    until(lambda: first.id in members(crowd))
    time.sleep(1.5)
    assert first.term_of(TELEGRAM) is None, "who was replaced stays so"
    assert second.term_of(TELEGRAM) is not None
    for event, each in ((watching, thread), (keeps_turning, turning)):
        event.set()
        each.join()
    assert not any(both)


def test_what_is_done_in_the_name_of_a_lead_that_was_lost_is_refused(crowd: Crowd) -> None:
    first, second = crowd.member(), crowd.member()
    crowd.leader(TELEGRAM, [first])
    lost = first.term_of(TELEGRAM)
    assert lost is not None
    with crowd.engine.begin() as connection:
        crew.require(connection, lost)
    first.resign()
    crowd.leader(TELEGRAM, [second])
    with crowd.engine.begin() as connection, pytest.raises(LeadLost):
        crew.require(connection, lost)


def test_a_lead_does_not_change_hands_under_a_transaction_that_asked_for_it(crowd: Crowd) -> None:
    first, second = crowd.member(), crowd.member()
    crowd.leader(TELEGRAM, [first])
    mine = first.term_of(TELEGRAM)
    assert mine is not None
    with crowd.engine.begin() as connection:  # of nobody's session: it is not ended with the member
        crew.require(connection, mine)
        first.pulse()
        until(lambda: first.term_of(TELEGRAM) is None)
        time.sleep(1.5)
        assert second.term_of(TELEGRAM) is None
    crowd.leader(TELEGRAM, [second])


def test_a_member_that_hangs_in_a_transaction_is_ended_with_it(crowd: Crowd) -> None:
    first, second = crowd.member(), crowd.member()
    crowd.leader(TELEGRAM, [first])
    mine = first.term_of(TELEGRAM)
    assert mine is not None
    hanging = crowd.engines[0].connect()
    hanging.begin()
    crew.require(hanging, mine)
    first.pulse()  # and never again
    crowd.leader(TELEGRAM, [second])
    with pytest.raises(Exception, match=r"terminating|closed"):
        hanging.execute(text("select 1"))
    hanging.invalidate()
    hanging.close()


def test_a_lost_session_is_ridden_out_without_the_lead_changing_hands(crowd: Crowd) -> None:
    first, second = crowd.member(), crowd.member()
    crowd.leader(TELEGRAM, [first])
    term = first.term_of(TELEGRAM)
    with crowd.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        crew.end_sessions(connection, first.id)
    for _ in range(150):
        assert second.term_of(TELEGRAM) is None
        time.sleep(0.02)
    assert first.term_of(TELEGRAM) == term


def test_a_copy_of_the_key_ring_is_not_admitted_and_the_others_are_not_disturbed(
    crowd: Crowd, tmp_path: Path
) -> None:
    first = crowd.member()
    crowd.leader(among=[first])
    shutil.copytree(crowd.folder, tmp_path / "copy")
    beside = crowd.member(tmp_path / "copy", admitted=False)
    with pytest.raises(NotAdmitted, match="must share one folder"):
        beside.wait_until_admitted()
    beside.resign()
    assert first.term_of(HOUSE) is not None
    assert sorted(file.name for file in crowd.folder.iterdir()) == ["key-ring"]
    assert crowd.member().term_of(HOUSE) is None, "one that uses the same folder is admitted, and follows"


def test_an_older_copy_of_the_key_ring_never_leads(crowd: Crowd, tmp_path: Path) -> None:
    shutil.copytree(crowd.folder, tmp_path / "copy")
    vault = Vault(KeyRing.open(crowd.folder, MASTER))
    vault.begin_epoch(datetime.now(UTC) + timedelta(seconds=1))
    with crowd.engine.begin() as connection:
        epochs.note(connection, vault)
    alone = crowd.member(tmp_path / "copy", admitted=False)
    with pytest.raises(OtherRing, match="older copy"):
        alone.wait_until_admitted()
    assert alone.term_of(HOUSE) is None


def test_notices_reach_the_others_once_they_are_committed_and_not_oneself(crowd: Crowd) -> None:
    first, second = crowd.member(), crowd.member()
    heard: list[Notice] = []
    own: list[Notice] = []
    second.hear(heard.append)
    first.hear(own.append)
    session = crowd.engines[0]
    with session.connect() as connection:
        with connection.begin() as never:
            tell(connection, Word.HIDDEN, "rolled-back")
            never.rollback()
        with connection.begin():
            tell(connection, Word.HIDDEN, "c1")
            with crowd.engine.begin() as command:
                tell(command, Word.CHANGED)
    until(lambda: len(heard) >= 2)
    time.sleep(0.3)
    assert sorted(heard, key=lambda one: one.word) == [
        Notice("", Word.CHANGED, ""),
        Notice(first.id, Word.HIDDEN, "c1"),
    ]
    assert own == [Notice("", Word.CHANGED, "")]


def test_all_go_by_the_clock_of_the_database(crowd: Crowd) -> None:
    clock = SharedClock()
    clock._at_zero -= timedelta(hours=1)  # this machine's clock is wrong
    engine = open_engine(crowd.url, "m1")
    vault = Vault(KeyRing.open(crowd.folder, MASTER))
    one = Membership(engine, "m1", crowd.folder, clock, lambda c: epochs.refuse_other_ring(c, vault))
    one.start()
    one.wait_until_admitted()
    with crowd.engine.connect() as connection:
        told = crew.clock(connection)
    assert abs(clock.now() - told) < timedelta(seconds=1)
    one.resign()
    engine.dispose()


def test_whoever_serves_alone_has_every_lead_and_asks_nobody(crowd: Crowd) -> None:
    alone = Alone()
    alone.want(TELEGRAM)
    term = alone.term_of(TELEGRAM)
    assert term == Term(TELEGRAM, "", 0)
    with crowd.engine.begin() as connection:
        crew.require(connection, term)


def test_commands_see_whether_anyone_serves(crowd: Crowd) -> None:
    def anyone() -> bool:
        with crowd.engine.connect() as connection:
            return crew.anyone_lives(connection)

    assert not anyone()
    one = crowd.member()
    assert anyone()
    one.resign()
    crowd.engines[0].dispose()
    assert not anyone()


def test_an_older_database_is_not_brought_up_to_date_under_others(crowd: Crowd) -> None:
    from bot.store.migrate import OthersServe  # noqa: PLC0415 - used here only

    crowd.member()
    with crowd.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0001'"))
    with pytest.raises(OthersServe, match="Stop all of them"):
        upgrade(crowd.engine)


def test_two_that_start_together_bring_the_database_up_to_date_once(fresh_postgres: str) -> None:
    engines = [open_engine(fresh_postgres) for _ in range(3)]
    failed: list[BaseException] = []

    def start(engine: Engine) -> None:
        try:
            upgrade(engine)
        except BaseException as failure:  # noqa: BLE001 - looked at below
            failed.append(failure)

    threads = [threading.Thread(target=start, args=[engine]) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with engines[0].begin() as connection:
        connection.execute(insert(t.desk).values(id="x", created_at=0))
        assert _desks(connection) == ["x"]
    for engine in engines:
        engine.dispose()


def members(crowd: Crowd) -> set[str]:
    with crowd.engine.connect() as connection:
        return {sign.id for sign in crew.signs(connection)}


def _desks(connection: Connection) -> list[str]:
    return list(connection.execute(select(t.desk.c.id)).scalars())
