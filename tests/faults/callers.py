"""People on Telegram who write while the program dies: each knows what she must be answered.

What the network shows twice counts as a repeat (PR2 allows one line per death and chat): a line that equals
the one before it, and is not owed, is one. Anything else that is not owed next is a fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any

from bot.services.library import Library
from tests.botapi.chats import Message
from tests.botapi.phone import Phone
from tests.faults.oracle import Answer, Oracle, Tokens
from tests.faults.women import OPENING, Fault

MARK = 3  # characters that the adapter puts behind a token
NAME = "Maple", "Juniper"


@dataclass(frozen=True, slots=True)
class Aligned:
    """How far what was shown is what was owed."""

    met: int
    repeats: int
    fault: str


def aligned(shown: Sequence[object], owed: Sequence[object], again: Sequence[object] = ()) -> Aligned:
    """Hold `shown` against `owed`; `again` is what a repeat must equal in full, default `shown` itself."""
    again = again or shown
    met = repeats = 0
    for place, one in enumerate(shown):
        if met < len(owed) and owed[met] == one:
            met += 1
        elif place and again[place] == again[place - 1]:
            repeats += 1
        else:
            due = owed[met] if met < len(owed) else "nothing"
            return Aligned(met, repeats, f"line {place}: shown {one}, owed {due}")
    return Aligned(met, repeats, "")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bot on her screen."""

    text: str
    tokens: Tokens
    at: float

    @property
    def spoken(self) -> str | None:
        """A volunteer's words, without her alias; None for the guide's."""
        name, colon, words = self.text.partition(": ")
        return words if colon and name in NAME else None


def author(update: dict[str, Any]) -> int | None:
    """Whose act an update is."""
    kinds = (update.get(kind) for kind in ("message", "callback_query", "edited_message"))
    return next((kind["from"]["id"] for kind in kinds if kind), None)


@dataclass
class Handset:
    """What reached her screen, as it came."""

    phone: Phone
    lines: list[Line] = field(default_factory=list[Line])

    def __post_init__(self) -> None:
        self.phone.on_change = self._see

    def _see(self, what: str, message: Message) -> None:
        if what == "new" and message.from_bot:
            keys = [key["callback_data"][:-MARK] for row in message.keyboard for key in row]
            self.lines.append(Line(message.text, tuple(keys), monotonic()))

    @property
    def waiting(self) -> bool:
        """Whether an act of hers is still with the network."""
        waiting = self.phone.world.updates[self.phone.bot.id].waiting
        return any(self.phone.user.id == author(update.plain) for update in waiting)

    def taps(self, token: str) -> bool:
        """She taps the newest button with that token; False if there is none on her screen."""
        for message in reversed(self.phone.screen()):
            for row in message.keyboard:
                for key in row:
                    if key["callback_data"][:-MARK] == token:
                        self.phone.taps_data(key["callback_data"], message)
                        return True
        return False


@dataclass
class Walker:
    """She walks through the script by taps; now and then she writes instead."""

    handset: Handset
    library: Library
    dice: Random
    acts: int = 0
    owed: list[Tokens] = field(default_factory=list[Tokens])
    opening: list[str] = field(default_factory=lambda: [*OPENING, "notice3.ok"])

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.library, channel="telegram", client_language="en")
        self.handset.phone.starts()
        self._expect(self.oracle.arrives())

    def act(self) -> None:
        """One more act, if the one before is answered: she reads before she taps."""
        if not self.is_settled():
            return
        self.acts += 1
        if not self.opening and self.dice.random() < 0.15:
            text = f"line {self.acts}"  # free text: kept, acknowledged, no danger word
            self.handset.phone.writes(text)
            self._expect(self.oracle.types(text))
            return
        token = self.opening.pop(0) if self.opening else self.oracle.next_tap(self.dice)
        if not self.handset.taps(token):
            raise Fault(f"{token} is offered nowhere on her screen")
        self._expect(self.oracle.taps(token))

    def is_settled(self) -> bool:
        return not self.handset.waiting and self._aligned().met == len(self.owed)

    @property
    def repeats(self) -> int:
        return self._aligned().repeats

    def check(self) -> None:
        """What she was shown is exactly what answers her acts, in order; repeats are counted apart."""
        found = self._aligned()
        if found.fault or found.met != len(self.owed):
            raise Fault(found.fault or f"{found.met} of {len(self.owed)} lines shown, {self.acts} acts")

    def _aligned(self) -> Aligned:
        lines = self.handset.lines
        return aligned([line.tokens for line in lines], self.owed, [(one.text, one.tokens) for one in lines])

    def _expect(self, answer: Answer) -> None:
        self.owed += answer.messages


@dataclass
class Talker:
    """She asks for a person and talks with one; both count what the other said."""

    handset: Handset
    name: str
    said: list[str] = field(default_factory=list[str])
    told: list[str] = field(default_factory=list[str])
    heard: list[str] = field(default_factory=list[str])
    opening: list[str] = field(default_factory=lambda: [*OPENING, "notice3.person", "consent.yes"])

    def __post_init__(self) -> None:
        self.handset.phone.starts()

    @property
    def accepted(self) -> bool:
        """The guide told her that somebody is there."""
        return any("live_start.emergency" in line.tokens for line in self.handset.lines)

    def act(self) -> None:
        """A tap on the way to a person, then words."""
        if self.opening:
            if self.handset.taps(self.opening[0]):
                self.opening.pop(0)
        elif self.accepted:
            self.said.append(f"{self.name} says {len(self.said)}")
            self.handset.phone.writes(self.said[-1])

    def next_word(self) -> str:
        """What the volunteer writes next; counted as told once it is committed."""
        return f"{self.name} is told {len(self.told)}"

    def is_settled(self) -> bool:
        return not self.handset.waiting and self._aligned().met >= len(self.told)

    @property
    def repeats(self) -> int:
        return self._aligned().repeats

    def check(self) -> None:
        """Both sides have each word of the other, in order; hers exactly once."""
        found = self._aligned()
        if found.fault or found.met != len(self.told):
            raise Fault(found.fault or f"she was shown {found.met} of {len(self.told)} lines")
        if self.accepted and self.heard != self.said:
            raise Fault(
                f"the volunteer has {len(self.heard)} of her {len(self.said)} lines, or in another order"
            )

    def _aligned(self) -> Aligned:
        return aligned(
            [words for line in self.handset.lines if (words := line.spoken) is not None], self.told
        )
