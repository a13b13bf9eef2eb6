"""This process among several on one PostgreSQL: a thread that shows it lives, hears the others, takes leads.

It has a session of its own, whose locks end with it. A lead counts as held only while the last sign of life
is younger than the lease; the others wait for longer than that before they take it, so between the two nobody
has it. The thread shows no sign of life while the event loop stands still: who hangs is as good as dead.
"""

import logging
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final

from sqlalchemy import Connection, Engine

from bot.clock import SharedClock, steady
from bot.store import crew
from bot.store.crew import HOUSE, Sign, Term
from bot.store.notices import LISTEN, Notice, Word, read, tell
from bot.vault import witness
from bot.vault.errors import RingError

log = logging.getLogger(__name__)

LEASE: Final = 5.0
"""Seconds without a sign of life after which the others take over."""
MARGIN: Final = 0.5
BEAT_EVERY: Final = 1.0
PULSE_LASTS: Final = 3.0
"""Seconds the event loop may stand still before this process shows no sign of life any more."""
ADMITTED_WITHIN: Final = 15.0
_SLICE: Final = 0.2
_AGAIN: Final = 0.3


class NotAdmitted(Exception):
    """The processes that serve already do not find this one's word in their key ring's folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Another process serves this database, and the key ring in {folder} is not the folder it uses, "
            "or it cannot read there. Several processes must share one folder of the key ring "
            "(HOTLINE_KEY_RING): on one machine the same path, on several a shared disk. A copy does not do: "
            "it lacks tomorrow's keys. Or stop the other process first."
        )


class Alone:
    """The only process on its database: it has every lead, always."""

    id: str = ""

    def term_of(self, lead: str) -> Term | None:
        """The lead, in a term that never ends."""
        return Term(lead, "", 0)

    def want(self, lead: str) -> None:
        """It has it already."""


@dataclass(slots=True)
class _Standing:
    """What the thread last learned, read by all others as a whole."""

    admitted: bool = False
    held: dict[str, Term] = field(default_factory=dict[str, Term])
    until: float = 0.0  # monotonic


class Membership:
    """One process of a crew. `start`, then `wait_until_admitted`; `resign` at the end."""

    def __init__(
        self,
        engine: Engine,
        member: str,
        ring_folder: Path,
        clock: SharedClock,
        may_lead: Callable[[Connection], None],
    ) -> None:
        """`engine` was opened in the name of `member`; `may_lead` raises when this is another's key ring."""
        self.id = member
        self._engine = engine
        self._folder = ring_folder
        self._clock = clock
        self._wanted = (HOUSE,)
        self._may_lead = may_lead
        self._standing = _Standing()
        self._locked: set[str] = set()
        self._seen: dict[str, tuple[int, float]] = {}  # member → beats, since when they have not risen
        self._gone: set[str] = set()  # dismissed in this round
        self._word = witness.new_word()
        self._refused: Exception | None = None
        self._lost: Exception | None = None
        self._look = False  # something changed among the others
        self._pulse_at: float | None = None
        self._on_notice: Callable[[Notice], None] = lambda _: None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._live, name="membership", daemon=True)

    # --- for the rest of the process ------------------------------------------------------------------
    def start(self) -> None:
        """Begin to live. Raises `OSError` when the key ring's folder cannot be written."""
        witness.leave_word(self._folder, self.id, self._word)
        self._thread.start()

    def wait_until_admitted(self) -> None:
        """Block until this process may serve. Raises `NotAdmitted`, `RingError`, or the database's error."""
        until = monotonic() + ADMITTED_WITHIN
        while not self._standing.admitted:
            if self._refused is not None:
                raise self._refused
            if monotonic() > until:
                raise self._lost or NotAdmitted(self._folder)
            if not witness.finds_word(self._folder, self.id, self._word):
                witness.leave_word(self._folder, self.id, self._word)  # swept away, with those of the gone
            self._ending.wait(0.05)
        with suppress(OSError):
            witness.take_back(self._folder, self.id)

    def term_of(self, lead: str) -> Term | None:
        """The term in which this process has the lead at this moment, None if it has not, or is not sure."""
        standing = self._standing
        return standing.held.get(lead) if monotonic() < standing.until else None

    def want(self, lead: str) -> None:
        """From now on take this lead whenever it is free."""
        self._wanted = tuple(dict.fromkeys((*self._wanted, lead)))

    def hear(self, on_notice: Callable[[Notice], None]) -> None:
        """Have notices of the others passed on, from the thread. After a break an OUTBOX stands for all."""
        self._on_notice = on_notice

    def pulse(self) -> None:
        """The event loop turns. Once called, to be called again within `PULSE_LASTS`."""
        self._pulse_at = monotonic()

    def resign(self) -> None:
        """Leave in order: what this process led is free at once."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(LEASE)
        with suppress(OSError):
            witness.take_back(self._folder, self.id)

    # --- the thread -----------------------------------------------------------------------------------
    def _live(self) -> None:
        while not self._ending.is_set():
            try:
                self._one_session()
            except RingError as refused:
                self._refused = refused
            except Exception as failure:
                if self._lost is None:
                    log.warning("no touch with the database", exc_info=failure)
                self._lost = failure
            self._ending.wait(_AGAIN)

    def _one_session(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver: Any = connection.connection.driver_connection
            connection.detach()  # for as long as the session lasts, and for nobody else
            driver.add_notify_handler(self._notified)
            self._locked.clear()
            self._seen.clear()  # how long the others were silent meanwhile is not known
            connection.exec_driver_sql(LISTEN)
            self._on_notice(Notice("", Word.OUTBOX, ""))
            while not self._ending.is_set():
                began = monotonic()
                if self._turns(began):
                    self._beat(connection, began)
                    self._lost = None
                self._listen(driver, began + BEAT_EVERY)
            self._standing = _Standing(admitted=self._standing.admitted)
            crew.resign(connection, self.id)
            tell(connection, Word.CREW)

    def _turns(self, now: float) -> bool:
        """Whether the event loop turns; before it is watched it does."""
        return self._pulse_at is None or now - self._pulse_at < PULSE_LASTS

    def _beat(self, connection: Connection, began: float) -> None:
        admitted = self._standing.admitted
        self._gone.clear()
        if not crew.beat(connection, self.id):
            crew.join(connection, self.id, self._word, admitted=admitted)
        self._hear_the_time(connection)
        everyone = crew.signs(connection)
        terms = crew.terms(connection)
        admitted = admitted or any(sign.id == self.id and sign.admitted for sign in everyone)
        self._note_signs(everyone, began)
        for lead in self._wanted:
            if admitted or lead == HOUSE:
                self._see_to(connection, lead, terms, everyone, admitted=admitted)
        mine = {lead: term for lead, term in terms.items() if term.member == self.id}
        if HOUSE in mine:
            admitted = True
            self._keep_house(connection, everyone)
        self._standing = _Standing(admitted, mine, began + LEASE - MARGIN)

    def _hear_the_time(self, connection: Connection) -> None:
        before = steady()
        told = crew.clock(connection)
        half_way = (steady() - before) / 2
        if half_way < timedelta(seconds=1):  # else the answer took too long to tell the time by
            self._clock.heard(told, before + half_way)

    def _note_signs(self, everyone: tuple[Sign, ...], now: float) -> None:
        known = self._seen
        self._seen = {
            sign.id: known[sign.id] if known.get(sign.id, (-1, 0))[0] == sign.beats else (sign.beats, now)
            for sign in everyone
        }

    def _is_silent(self, member: str) -> bool:
        beats_since = self._seen.get(member)
        return beats_since is not None and monotonic() - beats_since[1] > LEASE

    def _see_to(
        self,
        connection: Connection,
        lead: str,
        terms: dict[str, Term],
        everyone: tuple[Sign, ...],
        *,
        admitted: bool,
    ) -> None:
        """Take a lead that is free; one that is held here gets its lock again after a break."""
        held = terms.get(lead)
        if held is not None and held.member == self.id:
            if lead not in self._locked and crew.lock(connection, lead):
                self._locked.add(lead)
            return
        if held is not None and not self._is_free(connection, held.member, everyone):
            return
        if not admitted:
            self._may_lead(connection)
        if lead not in self._locked and not crew.lock(connection, lead):
            return  # a command is at it, or the one before is ending
        self._locked.add(lead)
        term = crew.take(connection, lead, self.id, held.member if held else None)
        if term is not None:
            terms[lead] = term
            if lead == HOUSE:
                witness.sweep(self._folder, frozenset(sign.id for sign in everyone))
            log.info("took a lead", extra={"state": _coded(lead)})
        else:
            self._locked.discard(lead)
            crew.unlock(connection, lead)

    def _is_free(self, connection: Connection, holder: str, everyone: tuple[Sign, ...]) -> bool:
        sign = next((one for one in everyone if one.id == holder), None)
        if sign is None:
            return True
        return self._is_silent(holder) and self._dismiss(connection, sign)

    def _dismiss(self, connection: Connection, sign: Sign) -> bool:
        if sign.id in self._gone:
            return True
        if not crew.dismiss(connection, sign):
            return False
        self._gone.add(sign.id)
        log.warning("another process has shown no sign of life", extra={"count": 1})
        return True

    def _keep_house(self, connection: Connection, everyone: tuple[Sign, ...]) -> None:
        """Whoever leads the house lets newcomers in and counts the silent as gone."""
        for sign in everyone:
            if sign.id != self.id and self._is_silent(sign.id):
                self._dismiss(connection, sign)
            elif not sign.admitted and witness.finds_word(self._folder, sign.id, sign.witness):
                crew.admit(connection, sign.id)

    def _listen(self, driver: Any, until: float) -> None:
        """Pass on what the others tell, until it is time for the next sign of life."""
        waiting = select.poll()  # not psycopg's own generator: where its time is just over, it waits for ever
        waiting.register(driver.fileno(), select.POLLIN)
        while not self._ending.is_set() and not self._look and (rest := until - monotonic()) > 0:
            if waiting.poll(min(rest, _SLICE) * 1000):
                driver.pgconn.consume_input()
                while (heard := driver.pgconn.notifies()) is not None:
                    self._heard(heard.extra.decode())
        self._look = False

    def _notified(self, heard: Any) -> None:
        self._heard(heard.payload)

    def _heard(self, payload: str) -> None:
        notice = read(payload)
        if notice is None or notice.member == self.id:
            return
        if notice.word is Word.CREW:
            self._look = True
        else:
            self._on_notice(notice)


def _coded(lead: str) -> str:
    return lead.replace(" ", "_")
