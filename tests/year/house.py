"""The town of the year: three desks on one database, rotas through the real records, boards built anew."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from bot.model import Role
from bot.services import admitting, deadlines, outgoing, people, receipts, rotas, turning, watchdog
from bot.services.departures import Departure
from bot.services.library import DutyBoard
from bot.services.standings import standings
from bot.services.turns import take_turns
from bot.store import tables as t
from bot.store.moments import from_moment, to_moment
from channels.message import OutboundKind
from handoff.model import Tier
from handoff.staffing import DEFAULT_STAFFING
from tests.fakes.channel import TABLES, FakeChannel
from tests.services.test_callbacks import with_a_callback
from tests.town import MOST_ROUNDS, Clock, CountedIdentifiers, Town
from tests.year.plan import DESKS, Member, crew_of, document
from triage.reading import SourceFile

ROLE: Final = {Tier.PRIMARY: Role.VOLUNTEER, Tier.BACKUP: Role.VOLUNTEER, Tier.SUPERVISOR: Role.SUPERVISOR}


@dataclass
class Seen:
    """What reached one woman: how often, and whether the guide told her the truth about her wait."""

    lines: int = 0
    honest: bool = False
    busy: bool = False  # she was told that all people are busy: she waits no longer


class YearTown(Town):
    """A town without the demo's people. `faults` is what must stay empty."""

    def prepare(self, dice: Random) -> dict[str, list[Member]]:
        """Desks, people and rotas; the script with a callback step. Returns the crews."""
        self.faults: list[str] = []
        self.seen: dict[str, Seen] = {}
        self.counted: Counter[str] = Counter()
        self.ids: dict[str, str] = {}
        demo = self.library.desks["demo"]
        desks = {name: replace(demo, id=name, zone=zone) for name, zone in DESKS.items()}
        self.library = self.house.library = replace(
            self.library, desks=desks, live=dict.fromkeys(DESKS, 1), boards={},
            staffing=dict.fromkeys(DESKS, DEFAULT_STAFFING),
        )  # fmt: skip
        with_a_callback(self)
        script = self.library.scripts[1].texts["en"]
        keys = ("out_of_hours.text", "which_line.text", "nobody.text", "queue.text", "word.nobody_yet")
        waits = ("word.waiting", "word.waiting_unknown", "word.waiting_long", "word.long_wait")
        self.honest = tuple(script[key].text.partition("{")[0][:24] for key in (*keys, *waits))
        busy = ("nobody.text", "word.search_missed")
        self.busy = tuple(script[key].text.partition("{")[0][:24] for key in busy)
        self.on_wire = self.leaves
        self.house.mode = "trial"  # the demo's people are made up, and nobody misses them
        self.write(lambda c: c.execute(insert(t.desk), [{"id": one, "created_at": 0} for one in DESKS]))
        crews = {desk: crew_of(desk, dice) for desk in DESKS}
        for number, desk in enumerate(DESKS):
            second = list(DESKS)[(number + 1) % len(DESKS)]
            for place, member in enumerate(crews[desk]):
                also = [second] if place % 8 == 0 else []  # some may step in at another desk
                self._add(member, [desk, *also])
            text = document(desk, crews[desk])
            source = SourceFile(f"{desk}.yaml", text)
            self.write(
                lambda c, d=desk, s=source: rotas.import_rota(c, self.house.vault, d, s, self.clock.at)
            )
        self.boards_anew()
        return crews

    def _add(self, member: Member, desks: list[str]) -> None:
        profile = people.Profile(alias=member.alias, languages=["en", "ro"])

        def work(connection: Connection) -> str:
            grants = [(ROLE[member.tier], desk) for desk in desks]
            person = people.invite(connection, self.house, profile, grants, self.now)
            admitting.activate(connection, person)
            people.set_present(connection, person, True)
            return person

        self.ids[member.alias] = self.write(work)

    def boards_anew(self) -> None:
        """What a change of the rota does to the running service."""

        def work(connection: Connection) -> dict[str, DutyBoard]:
            vault, library = self.house.vault, self.house.library
            planned = rotas.answered(connection, vault, self.clock.at)
            standing = standings(connection, vault, planned, library.desks, library.staffing)
            return {desk: DutyBoard(one.rota, one.others, standing[desk]) for desk, one in planned.items()}

        self.library = self.house.library = replace(self.house.library, boards=self.read(work))

    @cached_property
    def lasting(self) -> Connection:
        """One connection for the whole year: opening one for each of a million transactions takes as long."""
        return self.engine.connect()

    def write(self, work: Any) -> Any:
        with self.lasting.begin():
            return work(self.lasting)

    read = write

    # --- time ------------------------------------------------------------------------------------------
    async def goes_to(self, due: datetime, at_most: datetime) -> None:
        """To the step of the clock at which something is due, which is done."""
        self.clock.at = min(max(self.clock.at, _on_the_step(due)), at_most)
        await self.settle()

    def soonest(self) -> datetime | None:
        late = self.clock.at
        waiting = select(func.min(t.outbox.c.due_at)).where(
            t.outbox.c.state.in_(("pending", "failed_for_now"))
        )
        query = select(func.min(t.due.c.at)).where(t.due.c.at > to_moment(late))
        first = [self.read(lambda c, q=q: c.execute(q).scalar()) for q in (query, waiting)]
        known = [moment for moment in first if moment is not None and moment > to_moment(late)]
        return from_moment(min(known)) if known else None

    async def settle(self) -> None:
        """As the town does it, with one commit for a round of all loops: a year has many rounds."""
        (channel,) = self.channels.values()
        for _ in range(MOST_ROUNDS):
            busy = await self.intake()
            with self.lasting.begin():
                connection = self.lasting
                taken = take_turns(connection, self.house, self.now)
                done = deadlines.do_due(connection, self.house, self.now)
                departures = outgoing.claim(connection, self.house, channel.name, self.now)
                for departure in departures:
                    self.on_wire(departure)
                results = [(departure, await channel.send(departure.message)) for departure in departures]
                if results:
                    receipts.record(connection, self.house, results, self.now)
            await self.follow([*taken.after, *done.after])
            if not (busy or taken.acts or done.rows or departures):
                return
        raise AssertionError("the town does not come to rest")

    async def watchdog(self) -> None:
        """What the program does every fifteen seconds; here every two hours."""
        self.write(lambda c: watchdog.look(c, self.house, self.now))
        await self.settle()

    def night(self) -> None:
        """The daily jobs: a new key epoch, and what is old goes."""
        self.turns_keys()
        self.write(lambda c: turning.forget_old(c, self.house, self.clock.at))

    def count(self, name: str) -> int:
        """A counter of any desk, over all months."""
        return sum(row.value for row in self.rows(t.counter, t.counter.c.name == name))

    # --- what is watched --------------------------------------------------------------------------------
    def leaves(self, departure: Departure) -> None:
        """Just before the wire: inside the window, and is it the truth about her wait?"""
        message = departure.message
        if message.kind is OutboundKind.DELETE or message.kind is OutboundKind.LEAVE:
            return
        seen = self.seen.setdefault(message.address.handle, Seen())
        seen.lines += 1
        if message.not_after is None or message.not_after <= self.clock.at:
            self.faults.append(f"{self.clock.at}: a line went out past its window")
        if any(beginning in message.text for beginning in self.honest):
            seen.honest = True
        seen.busy = seen.busy or any(beginning in message.text for beginning in self.busy)


def _on_the_step(moment: datetime) -> datetime:
    """The next five seconds: what is due about the same time is done in one go, as late as a busy machine."""
    over = timedelta(seconds=moment.second % 5, microseconds=moment.microsecond)
    return moment if not over else moment - over + timedelta(seconds=5)


def make_year(folder: Path, start: datetime) -> YearTown:
    """A town at `start`, on Telegram's table alone: there a callback can be kept."""
    folder.mkdir(parents=True, exist_ok=True)
    channels = {"telegram": FakeChannel("telegram", TABLES["telegram"])}
    return YearTown(
        folder,
        f"sqlite:///{folder}/hotline.db",
        channels,
        clock=Clock(start),
        identifiers=CountedIdentifiers(),
    )
