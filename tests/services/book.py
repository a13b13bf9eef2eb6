"""The book of the random lives: what she did, where each act was stored, which commit answered it, who waits.

It is kept beside the town and knows acts by the network's own ids, so that an act that is dropped, answered
twice or read out of order is missed here however well the house's own rows agree with each other.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.services.entries import Purpose, open_body
from bot.services.opening import open_conversation
from bot.services.panes import pane
from bot.store import people_tables as p, tables as t
from channels.message import InboundKind, InboundMessage, OutboundKind, Speaker
from tests.town import Town

NUMBERED = "word "  # how a text begins that can be told from all others: "word 17"
ANSWERED = {InboundKind.TEXT, InboundKind.CHOICE, InboundKind.MEDIA, InboundKind.ARRIVED}
SAYING = {Purpose.ANSWER, Purpose.CARD, Purpose.NEWS, Purpose.OUTCOME, Purpose.STATUS}
WAITS = {"U0": (1, 2, 3)}  # minutes to the nudge, the call for a supervisor, the way back to the queue
CALM, FIRST_WORD = (3, 6, 10), (1, 2, 3)
A_STEP = timedelta(seconds=75)  # a step of the clock too small to be noticed, and what comes of several

Claim = tuple[str, int]


@dataclass(frozen=True)
class Did:
    """One act of hers, in the order the network brought them."""

    number: int
    channel: str
    message: InboundMessage

    @property
    def handle(self) -> str:
        return self.message.address.handle


@dataclass
class Waits:
    """Nobody has answered her in a live chat since then."""

    since: timedelta
    alerts: int  # how many there had been
    first: bool  # nobody has said anything yet under this claim


@dataclass
class Before:
    """What stood there before the turns of one commit."""

    unread: dict[int, Any]
    entries: frozenset[str]
    live: dict[str, Claim]


@dataclass
class Book:
    """See the module."""

    acts: dict[bytes, Did] = field(default_factory=dict[bytes, Did])
    read: Counter[str] = field(default_factory=Counter[str])  # updates taken into the book, by channel
    answered: set[bytes] = field(default_factory=set[bytes])
    let_go: dict[str, int] = field(default_factory=dict[str, int])  # by woman: her acts before are withdrawn
    taken_back: set[int] = field(default_factory=set[int])  # numbered words she changed or deleted
    told: dict[Claim, list[int]] = field(default_factory=dict[Claim, list[int]])  # her numbered words
    waits: dict[Claim, Waits] = field(default_factory=dict[Claim, Waits])
    spoke: set[Claim] = field(default_factory=set[Claim])
    entries: frozenset[str] = frozenset()  # the outbox as the last turn left it

    # --- intake (PR1, PR2) ----------------------------------------------------------------------------
    def brought(self, town: Town) -> None:
        """Every update the network has offered so far is to be in the inbox, once."""
        for name, channel in town.channels.items():
            new = channel._updates[self.read[name] :]
            for number, update in enumerate(new, start=self.read[name]):
                if isinstance(update, InboundMessage):
                    digest = town.house.vault.external_indexes(name, update.external_id)[0][1]
                    self.acts[digest] = Did(number, name, update)
            self.read[name] += len(new)

    def lets_go(self, handle: str, number: int) -> None:
        """She hid, or an operator or a volunteer ended it: what she did before may be withdrawn."""
        self.let_go[handle] = max(number, self.let_go.get(handle, -1))

    def takes_back(self, text: str) -> None:
        """She changed or deleted what she had written: nobody is to read it as it was."""
        if text.startswith(NUMBERED):
            self.taken_back.add(int(text.removeprefix(NUMBERED)))

    # --- turns (PR1 to PR3) ---------------------------------------------------------------------------
    def before_turns(self, town: Town) -> Before:
        unread = {row.id: row for row in town.rows(t.inbox, t.inbox.c.state == "new")}
        rows = self._outbox(town)
        self._answers_only_acts([row for row in rows if row.id not in self.entries])
        active = town.rows(t.handoff, t.handoff.c.state == "active")
        live = {row.conversation: (row.id, row.claim_version) for row in active}
        return Before(unread, frozenset(row.id for row in rows), live)

    def after_turns(self, town: Town, before: Before) -> None:
        states = {row.id: row.state for row in town.rows(t.inbox, t.inbox.c.id.in_(before.unread))}
        rows = self._outbox(town) if before.unread else []
        self.entries = frozenset(row.id for row in rows) if before.unread else before.entries
        for row in before.unread.values():
            if states.get(row.id) != "done":
                continue
            digest = bytes(row.external_index)
            act = self.acts[digest]
            assert digest not in self.answered, f"answered twice: {act.message}"
            self.answered.add(digest)
            self._is_her_oldest(row, before)
            fresh = [r for r in rows if r.id not in before.entries and r.conversation == row.conversation]
            claim = before.live.get(row.conversation)
            if claim is None:
                self._is_answered_once(town, act, row.conversation, fresh)
            else:
                self._heard(town, act, claim)

    def _outbox(self, town: Town) -> list[Any]:
        """Every entry, without its body."""
        row = t.outbox.c
        return town.read(lambda c: c.execute(select(row.id, row.conversation, row.kind, row.purpose)).all())

    def _answers_only_acts(self, fresh: list[Any]) -> None:
        """Between two turns nothing is written that would answer an act."""
        assert [row.id for row in fresh if row.purpose == Purpose.ANSWER.value] == [], "an answer to no act"

    def _is_her_oldest(self, row: Any, before: Before) -> None:
        """Her acts are answered in the order she did them; only `help now` goes ahead."""
        act = self.acts[bytes(row.external_index)]
        for other in before.unread.values():
            if other.conversation == row.conversation and other.urgent >= row.urgent:
                earlier = self.acts[bytes(other.external_index)]
                assert earlier.number >= act.number, f"{act.message} went ahead of {earlier.message}"

    def _is_answered_once(self, town: Town, act: Did, conversation: str, fresh: list[Any]) -> None:
        if act.message.kind not in ANSWERED:
            return
        saying = [row for row in fresh if row.purpose in SAYING]
        assert saying, f"no answer to {act.message}"
        opened = town.read(lambda c: open_conversation(c, town.house, conversation))
        ids = [row.id for row in saying if row.kind == OutboundKind.NEW.value]
        new = town.rows(t.outbox, t.outbox.c.id.in_(ids), t.outbox.c.body_sealed.is_not(None))
        bodies = [open_body(opened.key, row.id, row.body_sealed) for row in new] if opened else []
        # Kept for her and shown again is her old answer, not a second one.
        said = Counter(body.text for body in bodies if body.speaker == Speaker.GUIDE)
        assert all(number == 1 for number in said.values()), f"answered twice: {said}"

    # --- a live chat (PR3, PR9) -----------------------------------------------------------------------
    def _heard(self, town: Town, act: Did, claim: Claim) -> None:
        """She wrote in a live chat: her words are the last, unless they ended it."""
        text = act.message.text
        if act.message.kind is not InboundKind.TEXT or not text.startswith(NUMBERED):
            return
        active = town.rows(t.handoff, t.handoff.c.id == claim[0], t.handoff.c.state == "active")
        if [(row.id, row.claim_version) for row in active] == [claim]:
            self.told.setdefault(claim, []).append(int(text.removeprefix(NUMBERED)))
            self.waits.setdefault(
                claim, Waits(town.clock.elapsed, len(town.alerts), first=claim not in self.spoke)
            )

    def accepted(self, town: Town, claim: Claim) -> None:
        """From now on she waits for a first word."""
        self.waits[claim] = Waits(town.clock.elapsed, len(town.alerts), first=True)

    def answers(self, claim: Claim) -> None:
        """A volunteer has written: the last word is hers no more."""
        self.waits.pop(claim, None)
        self.spoke.add(claim)

    def nobody_waits_unseen(self, town: Town) -> None:
        """Nudge, call and take-back come in time while the last word is hers (PR9)."""
        active = {(r.id, r.claim_version): r for r in town.rows(t.handoff, t.handoff.c.state == "active")}
        for claim in self.waits.keys() - active.keys():
            del self.waits[claim]
        called = {row.subject for row in town.rows(p.supervisor_call)} if self.waits else set[str]()
        for claim, waits in self.waits.items():
            urgent = WAITS.get(active[claim].urgency, CALM)
            nudge, call, back = FIRST_WORD if waits.first else urgent
            waited = town.clock.elapsed - waits.since - A_STEP
            nudged = ("nudge", claim[0]) in town.alerts[waits.alerts :]
            assert nudged or waited <= timedelta(minutes=nudge), "the last word is hers, and nobody is nudged"
            assert claim[0] in called or waited <= timedelta(minutes=call), "no supervisor is called"
            assert waited <= timedelta(minutes=back), "the last word is hers, and nobody takes it back"

    # --- at rest --------------------------------------------------------------------------------------
    def is_balanced(self, town: Town) -> None:
        """Each act lies in one row and was answered, or was withdrawn by what she did later (PR1, PR2)."""
        rows = {bytes(row.external_index): row for row in town.rows(t.inbox)}
        assert len(rows) == len(town.rows(t.inbox)), "one act in two rows"
        assert rows.keys() <= self.acts.keys(), "a row of an act she never did"
        for digest, act in self.acts.items():
            row = rows.get(digest)
            assert row is not None, f"lost: {act.message}"
            if row.state == "withdrawn":
                assert act.number <= self.let_go.get(act.handle, -1), f"withdrawn, but by whom? {act.message}"
            else:
                assert row.state == "done", (row.state, act.message)
                assert digest in self.answered, f"done, and no turn took it: {act.message}"
        self._volunteers_read_it_in_order(town)

    def _volunteers_read_it_in_order(self, town: Town) -> None:
        for row in town.rows(t.handoff, t.handoff.c.state == "active"):
            seen = town.read(lambda c, r=row: pane(c, town.house, r.id, r.person, town.now))
            numbers = [
                int(line.text.removeprefix(NUMBERED))
                for line in seen.lines
                if line.whose == "her" and line.text.startswith(NUMBERED)
            ]
            assert numbers == sorted(set(numbers)), f"her words out of order, or twice: {numbers}"
            told = self.told.get((row.id, row.claim_version), [])
            assert set(told) - self.taken_back <= set(numbers), f"told {told}, the volunteer reads {numbers}"

    def restored(self, town: Town) -> None:
        """An older copy stands again: what was brought since then is lost with it, as a restore says."""
        rows = {bytes(row.external_index): row for row in town.rows(t.inbox)}
        self.acts = {digest: act for digest, act in self.acts.items() if digest in rows}
        self.answered &= {digest for digest, row in rows.items() if row.state == "done"}
        for digest, row in rows.items():
            if row.state == "withdrawn":
                self.lets_go(self.acts[digest].handle, self.acts[digest].number)
        self.entries = frozenset(row.id for row in town.rows(t.outbox))
        self.told.clear()
        self.waits.clear()
        self.spoke.clear()


@dataclass
class BookedTown(Town):
    """A town of which the book is kept."""

    book: Book = field(default_factory=Book)

    async def intake(self, *, acknowledge: bool = True) -> bool:
        """As in any town; what was brought is written down."""
        busy = await super().intake(acknowledge=acknowledge)
        self.book.brought(self)
        return busy

    async def turns(self) -> bool:
        """As in any town; what became of it is looked at."""
        before = self.book.before_turns(self)
        busy = await super().turns()
        self.book.after_turns(self, before)
        return busy
