"""The whole service under random lives, clock steps, crashes and restores, beside a model of the promises.

The model knows nothing of windows, claims and deadlines as the service computes them: it watches what the
women did, when that really was, and what reached whose screen (PR1 to PR5, PR8, PR9).
"""

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from bot.services import apart, desk, erasing_asked, outgoing
from bot.services.opening import address_of, open_conversation
from bot.store import tables as t
from channels.message import InboundKind, Speaker
from handoff.model import Outcome
from tests.services.book import NUMBERED
from tests.services.lives import ALONE, HIDES_BY_DIGIT, OBSERVED, SAYS, VOLUNTEERS, WOMEN, Watched
from tests.town import Chat


class Promises(Watched):
    """See the module."""

    @rule(name=st.sampled_from(sorted(WOMEN)), pick=st.integers(0, 9), settle=st.booleans())
    def she_taps(self, name: str, pick: int, settle: bool) -> None:
        her = self.her[name]
        shown = [choice for line in her.person.screen for choice in line.choices]
        if not shown or her.person.told_to_leave:
            self.she_arrives(name)
            return
        choice = shown[-1 - pick % len(shown)]
        her.person._acts_as(InboundKind.CHOICE, choice=choice.token, shown=choice.label)
        self.acts(her, choice.token)
        if settle:
            self.settle()

    @rule(
        name=st.sampled_from(sorted(WOMEN)),
        labels=st.sampled_from([("Yes", "No"), ("Yes", "Yes", "Go on here")]),
    )
    def she_asks_for_a_person(self, name: str, labels: tuple[str, ...]) -> None:
        """The short path, so that queues and chats are met often."""
        self.she_arrives(name)
        her = self.her[name]
        for label in (*labels, "Talk to a person", "Yes"):
            shown = [choice for line in reversed(her.person.screen) for choice in line.choices]
            choice = next((c for c in shown if c.label == label), None)
            if choice is None:
                return
            her.person._acts_as(InboundKind.CHOICE, choice=choice.token, shown=choice.label)
            self.acts(her, choice.token)
            self.settle()

    @rule(name=st.sampled_from(sorted(WOMEN)), text=st.sampled_from(SAYS), settle=st.booleans())
    def she_types(self, name: str, text: str, settle: bool) -> None:
        her = self.her[name]
        if her.person.told_to_leave or her.person.left:
            self.she_arrives(name)
            return
        her.person.types(text)
        self.acts(her, text)
        if text == HIDES_BY_DIGIT:
            self.withdraws(her)  # it may: which of her lines it answers is not known before it is read
        # What she writes before such a digit is read goes with it, unlike after the word: a known gap.
        if settle or text == HIDES_BY_DIGIT:
            self.settle()

    @rule(name=st.sampled_from(sorted(WOMEN)), times=st.integers(1, 3), settle=st.booleans())
    def she_tells(self, name: str, times: int, settle: bool) -> None:
        """Words that can be told from all others, some of them before anything has answered."""
        her = self.her[name]
        if her.person.told_to_leave or her.person.left:
            self.she_arrives(name)
            return
        for _ in range(times):
            self.words += 1
            her.person.types(f"{NUMBERED}{self.words}")
            self.acts(her, "(tells)")
        if settle:
            self.settle()

    @rule(name=st.sampled_from(sorted(WOMEN)), what=st.sampled_from(["picture", "edit", "delete", "arrive"]))
    def she_does_something_else(self, name: str, what: str) -> None:
        her = self.her[name]
        mine = [line for line in her.person.screen if line.speaker is Speaker.HER]
        if what == "arrive":
            self.she_arrives(name)
        elif what == "picture":
            her.person.sends_media()
            self.acts(her, "(picture)")
        elif mine and not her.gone:
            self.town.book.takes_back(mine[-1].text)
            if what == "edit":
                her.person.edits(mine[-1].id, "he will kill me, edited")
            else:
                her.person.deletes(mine[-1].id)

    def she_arrives(self, name: str) -> None:
        her = self.her[name]
        her.person.arrives()
        self.acts(her, "(arrives)")
        self.settle()

    @rule(what=st.sampled_from(["disconnect", "reconnect", "look", "leave"]))
    def on_beas_page(self, what: str) -> None:
        her = self.her["bea"]
        ended = her.person.left or her.person.told_to_leave
        if what == "disconnect":
            her.person.disconnects()
        elif ended:
            return
        elif what == "reconnect":
            her.person.reconnects()
        elif what == "leave":
            her.person.leaves()
            self.acts(her, "!hide")
        elif her.person.connected:
            her.person.is_present()
            her.alone_until = max(her.alone_until, self.elapsed + (ALONE if her.alone else OBSERVED))
            her.acted = self.elapsed
        self.settle()

    # --- the volunteers' side -------------------------------------------------------------------------
    @rule(alias=st.sampled_from(VOLUNTEERS), pick=st.integers(0, 5))
    def a_volunteer_accepts(self, alias: str, pick: int) -> None:
        waiting = self.town.waiting()
        if not waiting:
            return
        handoff = waiting[pick % len(waiting)].id
        try:
            chat = self.chats[handoff] = self.town.accept(alias, handoff)
        except desk.DeskRefusal:
            return
        self.town.book.accepted(self.town, (handoff, chat.version))
        self.settle()

    @rule(name=st.sampled_from(sorted(WOMEN)), alias=st.sampled_from(VOLUNTEERS), alone=st.booleans())
    def a_talk_begins(self, name: str, alias: str, alone: bool) -> None:
        """Most of what can go wrong goes wrong in a live chat: it is met often."""
        self.town.set_ready(alias, ready=True)
        self.she_asks_for_a_person(name, ("Yes", "No") if alone else ("Yes", "Yes", "Go on here"))
        for pick in range(len(self.town.waiting())):
            self.a_volunteer_accepts(alias, pick)
        for pick in range(len(self.chats)):
            self.a_volunteer_writes(pick, settle=True)

    @rule(pick=st.integers(0, 5), settle=st.booleans())
    def a_volunteer_writes(self, pick: int, settle: bool) -> None:
        chat = self.some_chat(pick)
        if chat is None:
            return
        conversation = self.town.handoff(chat.handoff).conversation
        self.texts += 1
        text = f"{self.texts}|{self.whose(conversation)}|{chat.handoff}|{chat.version}"
        try:
            chat.writes(text)
        except desk.DeskRefusal:
            return
        self.town.book.answers((chat.handoff, chat.version))
        if settle:
            self.settle()

    @rule(pick=st.integers(0, 5), minutes=st.sampled_from([4.5, 7.5, 11.5]))
    def nobody_answers_her(self, pick: int, minutes: float) -> None:
        """The last word of a talk is hers, and whoever holds it says nothing (PR9)."""
        self.a_volunteer_writes(pick, settle=True)
        chat = self.some_chat(pick)
        if chat is None or not self.town.rows(t.handoff, t.handoff.c.id == chat.handoff):
            return
        name = self.whose(self.town.handoff(chat.handoff).conversation)
        if name in self.her:
            self.she_tells(name, 1, settle=True)
            self.time_passes(minutes)

    @rule(pick=st.integers(0, 5), what=st.sampled_from(["pass_on", "close", "someone_else", "note", "see"]))
    def a_volunteer_acts(self, pick: int, what: str) -> None:
        chat = self.some_chat(pick)
        if chat is None:
            return
        try:
            match what:
                case "pass_on":
                    chat.passes_on()
                    self.passed_on.add((chat.handoff, chat.version))
                case "close":
                    chat.closes(Outcome.TALKED)
                case "note":
                    chat.notes("a note")
                case "see":
                    self.town.write(lambda c: desk.acknowledge_left(c, chat.handoff, chat.person))
                case _:
                    name = self.whose(self.town.handoff(chat.handoff).conversation)
                    chat.presses(what)
                    self.withdraws(self.her[name])
        except desk.DeskRefusal:
            return

    @rule(alias=st.sampled_from(VOLUNTEERS), ready=st.booleans())
    def a_volunteer_comes_or_goes(self, alias: str, ready: bool) -> None:
        self.town.set_ready(alias, ready=ready)

    def some_chat(self, pick: int) -> Chat | None:
        chats = [self.chats[key] for key in sorted(self.chats)]
        return chats[pick % len(chats)] if chats else None

    def whose(self, conversation: str) -> str:
        """Which woman a conversation is of, by its sealed address."""

        def work(connection: Any) -> str:
            opened = open_conversation(connection, self.town.house, conversation)
            address = address_of(connection, self.town.house, opened) if opened else None
            return address.handle if address else "nobody"

        return self.town.read(work)

    # --- time and mishaps -----------------------------------------------------------------------------
    @rule(minutes=st.sampled_from([0.2, 1.0, 1.9, 2.5, 5.0, 9.5, 11.0, 16.0, 40.0]))
    def time_passes(self, minutes: float) -> None:
        self.play(self.town.passes(minutes=minutes))

    @rule(minutes=st.sampled_from([-1500, -60, -7, -1, 1, 7, 60, 1500]))
    def the_clock_is_set(self, minutes: int) -> None:
        self.town.clock.step(minutes=minutes)

    @rule(at=st.sampled_from(["stored", "answered", "claimed", "sent", "idle"]))
    def the_process_dies(self, at: str) -> None:
        """Between any two commits, or between the wire's yes and our record of it."""
        town = self.town
        if at == "stored":
            self.play(town.intake(acknowledge=False))
        elif at == "answered":
            self.play(town.intake())
            self.play(town.turns())
        elif at in {"claimed", "sent"}:
            self.play(town.intake())
            self.play(town.turns())
            for name in town.channels:
                departures = town.write(lambda c, n=name: outgoing.claim(c, town.house, n, town.now))
                for departure in departures if at == "sent" else ():
                    self.leaves(departure)
                    self.play(town.channels[name].send(departure.message))
                    self.may_repeat[departure.entry] += 1
        town.restarts()
        town.on_wire = self.leaves
        self.settle()

    @rule(what=st.sampled_from(["backup", "restore", "turn keys", "erase"]), pick=st.integers(0, 5))
    def an_operator_acts(self, what: str, pick: int) -> None:
        if what == "backup":
            self.copy = self.town.saves_copy()
            self.withdrawn_then = {name: her.withdrawn for name, her in self.her.items()}
        elif what == "turn keys":
            self.town.turns_keys()
        elif what == "erase":
            self.erases(pick)
        elif self.copy is not None:
            self.settle()
            self.town.restores(self.copy)
            self.town.on_wire, self.copy = self.leaves, None
            self.town.book.restored(self.town)
            known = {row.id for row in self.town.rows(t.handoff)}
            self.chats = {handoff: chat for handoff, chat in self.chats.items() if handoff in known}
            # A claim that was passed on after the copy was made stands again.
            active = self.town.rows(t.handoff, t.handoff.c.state == "active")
            self.passed_on -= {(row.id, row.claim_version) for row in active}
            for name, her in self.her.items():
                her.delivered.clear()
                her.newest.clear()
                her.heard = 0
                her.person.screen[:] = [
                    line for line in her.person.screen if line.speaker is not Speaker.PERSON
                ]
                # What was erased after the copy was made is there again: docs/operator.md says so.
                her.withdrawn = min(her.withdrawn, self.withdrawn_then[name])
            self.settle()

    def erases(self, pick: int) -> None:
        self.settle()
        open_ones = [row.id for row in self.town.rows(t.conversation, t.conversation.c.contact.is_not(None))]
        if not open_ones:
            return
        conversation = open_ones[pick % len(open_ones)]
        name, subject = self.whose(conversation), f"conversation:{conversation}"
        writes = self.town.write(
            lambda c: erasing_asked.erase_asked(c, self.town.house, subject, self.town.now)
        )
        self.play(self.town.follow(writes.after))
        self.her[name].gone, self.her[name].withdrawn = True, self.texts
        self.withdraws(self.her[name])

    # --- what must always hold ------------------------------------------------------------------------
    @invariant()
    def nobody_holds_more_than_she_may(self) -> None:
        if not hasattr(self, "town"):
            return
        active = Counter(row.person for row in self.town.rows(t.handoff, t.handoff.c.state == "active"))
        assert all(number <= 1 for number in active.values())
        talks = Counter(
            row.conversation
            for row in self.town.rows(t.handoff, t.handoff.c.state.in_(["active", "waiting"]))
        )
        assert all(number == 1 for number in talks.values())

    @invariant()
    def nobody_waits_unseen(self) -> None:
        if hasattr(self, "town"):
            self.town.book.nobody_waits_unseen(self.town)

    @rule()
    def everything_has_come_to_rest(self) -> None:
        self.comes_to_rest()


PHASES = [Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if "LIVES" not in os.environ else [])]
LIVES = int(os.environ.get("LIVES", "25"))  # more for a longer search by hand
FEW = 6


@pytest.fixture(autouse=True)
def faults_are_not_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in one turn would only poison that turn; here it shall fail the test."""
    monkeypatch.setattr(apart, "HOUSE_FAULTS", (Exception,))


def lives(number: int, steps: int) -> settings:
    """So many lives of at most so many steps each."""
    return settings(
        max_examples=number,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        report_multiple_bugs=False,
        phases=PHASES,
    )


def test_the_promises_hold_in_random_lives() -> None:
    run_state_machine_as_test(Promises, settings=settings(lives(FEW, 30), derandomize=True))


@pytest.mark.long
@pytest.mark.timeout(3600)  # as many lives as are asked for
def test_the_promises_hold_in_many_random_lives() -> None:
    run_state_machine_as_test(Promises, settings=lives(LIVES, 40))
