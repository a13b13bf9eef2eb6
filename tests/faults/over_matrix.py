"""`kill -9` at random moments while women write in encrypted rooms; after each start everything is counted.

Homeserver and clients go on while the program is dead. One woman is with a volunteer on Matrix too, in a
room made for the chat; the others walk through the script. Nothing may be lost or stand twice (PR1, PR2).
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

from bot.services.library import Library
from tests.faults.killing import Outcome, library_of
from tests.faults.oracle import Answer, Oracle
from tests.faults.program import Program
from tests.faults.women import PAUSE, Fault
from tests.matrix.line import free_port, new_name, people, woman
from tests.matrix.peers import Peer, Peers
from tests.matrix.service import Colleague, Service, Woman, environment, staff_environment
from tests.matrix.synapse import Synapse

SETTLES_WITHIN = 60.0  # a homeserver and thirty clients on the same two cores
CHOICE = re.compile(r"^(\d) .+$", re.MULTILINE)


@dataclass
class Walker:
    """She walks through the script by digits; now and then she writes instead."""

    her: Woman
    library: Library
    dice: Random
    acts: int = 0
    before: int = 0
    owed: list[int] = field(default_factory=list[int])  # for each line, how many choices it offers
    shown: list[str] = field(default_factory=list[str])

    async def opens(self) -> None:
        """Past the notice, where counting begins."""
        self.oracle = Oracle(self.library, channel="matrix", client_language="en")
        self.oracle.arrives()
        await self.her.writes("hello")
        await self.her.answers("Is now a good time", "Yes")
        self.oracle.taps("hello.yes")
        await self.her.answers("Could anyone else", "No")
        self.oracle.taps("safe_check.no")
        await self.her.hears("at any time: I stop")
        await self.looks()
        self.before = len(self.shown)
        await self._taps("notice3.ok")

    async def looks(self) -> None:
        """What the line wrote, as it stands on her screen."""
        self.shown = await lines_of(self.her)

    async def act(self) -> None:
        """One more act, if the one before is answered: she reads before she answers."""
        await self.looks()
        if not self.is_settled():
            return
        self.acts += 1
        if self.dice.random() < 0.15:
            text = f"line {self.acts}"
            await self.her.writes(text)
            self._expect(self.oracle.types(text))
            return
        await self._taps(self.oracle.next_tap(self.dice))

    async def _taps(self, token: str) -> None:
        place, many = self.oracle.offered.index(token), len(self.oracle.offered)
        asked = next(text for text in reversed(self.shown) if len(CHOICE.findall(text)) >= many)
        await self.her.writes(CHOICE.findall(asked)[-many:][place])
        self._expect(self.oracle.taps(token))

    def is_settled(self) -> bool:
        return len(self.shown) - self.before >= len(self.owed)

    def check(self) -> None:
        """What she was shown is exactly what answers her acts, each once, in order."""
        found = [len(CHOICE.findall(text)) for text in self.shown[self.before :]]
        # A card may hold a line that begins like a choice: a number to ring.
        alike = all(one >= owed for one, owed in zip(found, self.owed, strict=False))
        if len(found) != len(self.owed) or not alike:
            raise Fault(
                f"shown {len(found)} lines of {len(self.owed)}, {self.acts} acts: {found} {self.owed}"
            )

    def _expect(self, answer: Answer) -> None:
        self.owed += [len(tokens) for tokens in answer.messages]


@dataclass
class Pair:
    """A woman and a volunteer, each in a room of her own: both count what the other said."""

    her: Woman
    colleague: Colleague
    said: list[str] = field(default_factory=list[str])
    told: list[str] = field(default_factory=list[str])
    heard: list[str] = field(default_factory=list[str])
    read: list[str] = field(default_factory=list[str])

    async def opens(self) -> None:
        await self.her.to_a_person()
        await self.colleague.accepts()
        await self.her.hears("You are now writing with")

    async def looks(self) -> None:
        """Both screens."""
        self.read = [text for text in await lines_of(self.her) if text.startswith("told ")]
        shown = await lines_in(self.colleague.peer, self.colleague.chat, self.colleague.account)
        self.heard = [text.removeprefix("She: ") for text in shown if text.startswith("She: said ")]

    async def act(self) -> None:
        self.said.append(f"said {len(self.said)}")
        await self.her.writes(self.said[-1])
        self.told.append(f"told {len(self.told)}")
        await self.colleague.types(self.told[-1], self.colleague.chat)

    def is_settled(self) -> bool:
        return len(self.heard) >= len(self.said) and len(self.read) >= len(self.told)

    def check(self) -> None:
        """Both sides have each word of the other once, in order."""
        if self.heard != self.said:
            raise Fault(f"the volunteer has {self.heard} of {len(self.said)} lines")
        if self.read != self.told:
            raise Fault(f"she has {self.read} of {len(self.told)} lines")


async def lines_of(her: Woman) -> list[str]:
    return await lines_in(her.peer, her.room, her.line)


async def lines_in(peer: Peer, room: str, sender: str) -> list[str]:
    """Every line of one sender on a screen; one that cannot be read is there as that."""
    return [
        "(unreadable)" if one["unreadable"] else one["text"]
        for one in await peer.screen(room)
        if one["who"] == sender and not one["gone"]
    ]


@dataclass
class Campaign:
    """A hotline, its homeserver and its people, through many deaths."""

    program: Program
    walkers: list[Walker]
    pair: Pair
    dice: Random

    async def run(self) -> Outcome:
        """Write, die, come back, count."""
        lasts = self.dice.uniform(0.5, 2.0)
        writing = asyncio.gather(*(self._write(one, monotonic() + lasts) for one in self._people))
        await asyncio.sleep(lasts - self.dice.uniform(0, 0.4))
        killed = monotonic()
        waiting = sum(not one.is_settled() for one in self._people)
        await self.program.kill()
        await writing
        for one in self._people:  # what is written now waits at the homeserver
            await one.act()
        starts = await self.program.start()
        faults: list[str] = []
        if not await self._settled():
            late = sum(not one.is_settled() for one in self._people)
            faults.append(f"{late} people were not answered within {SETTLES_WITHIN:.0f} s")
        served = monotonic() - killed
        for one in self._people:
            try:
                one.check()
            except Fault as fault:
                faults.append(f"{type(one).__name__}: {fault}")
        return Outcome(starts, served, waiting, faults)

    @property
    def _people(self) -> "list[Walker | Pair]":
        return [*self.walkers, self.pair]

    @property
    def acts(self) -> int:
        return sum(one.acts for one in self.walkers) + len(self.pair.said) + len(self.pair.told)

    async def _write(self, one: "Walker | Pair", until: float) -> None:
        await asyncio.sleep(self.dice.uniform(0, PAUSE[0]))
        while monotonic() < until:
            await one.act()
            await asyncio.sleep(self.dice.uniform(*PAUSE))

    async def _settled(self) -> bool:
        end = monotonic() + SETTLES_WITHIN
        while monotonic() < end:
            for one in self._people:
                await one.looks()
            if all(one.is_settled() for one in self._people):
                await asyncio.sleep(1.0)  # what stands twice would come now
                for one in self._people:
                    await one.looks()
                return True
            await asyncio.sleep(0.1)
        return False


@asynccontextmanager
async def campaign(folder: Path, rooms: int, seed: int) -> AsyncIterator[Campaign]:
    """A homeserver, a hotline on it, and women in `rooms` rooms, one of them with a volunteer."""
    server, dice = Synapse(folder / "synapse", free_port()), Random(seed)
    server.start()
    try:
        async with people() as peers:
            account, staff = server.register(new_name("line")), server.register(new_name("staff"))
            admin = server.register(new_name("admin"), admin=True)
            more = staff_environment(folder / "c", server, staff, admin)
            program = Program(folder / "hotline", environment(server, account, **more))
            program.begin()
            await program.start()
            try:
                made = Service(program, account)
                yield await _begun(made, peers, server, staff.user, rooms, dice)
            finally:
                await program.kill()
    finally:
        server.stop()


async def _begun(
    made: Service, peers: Peers, server: Synapse, staff: str, rooms: int, dice: Random
) -> Campaign:
    library = library_of(made.program)
    maple = await woman(peers, server, name="maple", sign=True)
    colleague = await Colleague.comes(made, maple, staff)
    women = [await Woman.comes(await woman(peers, server, name=f"w{n}"), made.user) for n in range(rooms)]
    pair = Pair(women[0], colleague)
    walkers = [Walker(her, library, dice) for her in women[1:]]
    await pair.opens()
    for walker in walkers:
        await walker.opens()
    return Campaign(made.program, walkers, pair, dice)
