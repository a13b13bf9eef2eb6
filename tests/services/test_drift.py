"""The pure rules of a hand-off and the desk's SQL are one thing: random moves, played on both, end alike."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st

from bot.services import desk
from bot.store.moments import from_moment
from handoff import transitions
from handoff.model import HandoffState, Outcome, Refusal, Urgency
from handoff.transitions import Handoff, Party, Staff
from tests.fakes.channel import TABLES, FakeChannel
from tests.services.lives import template
from tests.services.test_desk import facts_of
from tests.services.walks import in_the_queue, say
from tests.town import Chat, Clock, Town

CHANNEL = "telegram"
MOVES = (
    "Maple accepts", "Juniper accepts", "Maple passes on", "Juniper passes on", "Maple closes",
    "taken back", "danger", "hides", "person off", "place lost", "seen",
)  # fmt: skip


class Both:
    """One hand-off in the database, and the same one in the rules."""

    def __init__(self, town: Town) -> None:
        self.town = town
        town.patient = True
        (row,) = town.waiting()
        self.id = row.id
        self.pure = Handoff(row.id, Urgency(row.urgency), from_moment(row.queued_at))
        self.versions: dict[str, int] = {}

    async def plays(self, move: str) -> None:
        who, _, what = move.partition(" ")
        if what in {"accepts", "passes on", "closes"}:
            self._volunteer(who, what)
        elif move == "seen":
            self._seen()
        else:
            await self._she_or_the_clock(move)
        await self.town.settle()
        self.compare(move)

    def _volunteer(self, alias: str, what: str) -> None:
        town, staff = self.town, Staff(self.town.person_id(alias))
        version = self.versions.get(alias, self.pure.claim_version)
        try:
            if what == "accepts":
                refused = Refusal.ALREADY_DECLINED if staff.person in self.pure.declined_by else None
                moved = transitions.accept(self.pure, staff, self.pure.claim_version, refused)
                self.versions[alias] = town.accept(alias, self.id).version
            elif what == "passes on":
                moved = transitions.pass_on(self.pure, staff)
                Chat(town, self.id, staff.person, version).passes_on()
            else:
                moved = transitions.close(self.pure, staff, Outcome.TALKED)
                Chat(town, self.id, staff.person, version).closes()
        except desk.DeskRefusal:
            assert isinstance(moved, Refusal), (alias, what, moved)
        else:
            assert isinstance(moved, Handoff), (alias, what, moved)
            self.pure = moved

    def _seen(self) -> None:
        person = self.town.handoff(self.id).person
        moved = transitions.acknowledged(self.pure, Staff(self.pure.person or "nobody"))
        self.town.write(lambda c: desk.acknowledge_left(c, self.id, person or "nobody"))
        self.pure = moved if isinstance(moved, Handoff) else self.pure

    async def _she_or_the_clock(self, move: str) -> None:
        town, pure = self.town, self.pure
        ann = town.woman("ann", CHANNEL)
        moved: Handoff | Refusal = Refusal.NOT_OPEN
        match move:
            case "taken back" if pure.state is HandoffState.ACTIVE:
                moved = transitions.take_back(pure, Party.CLOCK)
                await say(town, ann, "are you there")
                await town.passes(minutes=10.1)
            case "danger" if pure.state in {HandoffState.WAITING, HandoffState.PASSING, HandoffState.ACTIVE}:
                moved = transitions.raised(pure, Urgency.U0)
                await say(town, ann, "he will kill me")
            case "hides" if pure.state in {HandoffState.WAITING, HandoffState.PASSING, HandoffState.ACTIVE}:
                moved = transitions.she_left(pure, Party.HER, town.clock.now())
                await say(town, ann, "hide")
            case "person off" if pure.state is HandoffState.ACTIVE:
                moved = transitions.she_left(pure, Party.HER, town.clock.now(), keep_place=False)
                await say(town, ann, "guide only")
            case "place lost" if pure.state is HandoffState.PARKED:
                moved = transitions.place_lost(pure, Party.CLOCK, pure.held_until or town.clock.now())
                await town.passes(minutes=31)
            case "place lost" if pure.state is HandoffState.LEFT:
                moved = transitions.acknowledged(pure, Party.CLOCK)
                await town.passes(minutes=31)
            case _:
                return
        assert isinstance(moved, Handoff)
        self.pure = moved

    def compare(self, move: str) -> None:
        row, pure = self.town.handoff(self.id), self.pure
        state = HandoffState.WAITING if pure.state is HandoffState.PASSING else pure.state
        assert row.state == state.value, move
        assert row.person == pure.person, move
        if state in {HandoffState.WAITING, HandoffState.ACTIVE}:
            assert (row.urgency, row.front) == (pure.urgency.value, pure.front), move
            assert from_moment(row.queued_at) == pure.queued_at, move
            assert set(facts_of(self.town, self.id).declined_by) == set(pure.declined_by), move
        if state is HandoffState.CLOSED:
            assert (row.urgency, row.facts_sealed) == (None, None), move


@settings(
    max_examples=int(os.environ.get("LIVES", "20")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(moves=st.lists(st.sampled_from(MOVES), min_size=1, max_size=12))
def test_the_desk_moves_a_hand_off_as_the_rules_do(moves: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="drift-", dir=template()))
    shutil.copytree(template() / "first", folder / "town")
    channels = {name: FakeChannel(name, TABLES[name]) for name in ("web", "telegram")}
    town = Town(folder / "town", f"sqlite:///{folder}/town/hotline.db", channels, Clock(), ready=True)

    async def plays() -> None:
        await in_the_queue(town, "ann", CHANNEL)
        both = Both(town)
        for move in moves:
            await both.plays(move)

    try:
        asyncio.run(plays())
    finally:
        town.closes()
        shutil.rmtree(folder)
