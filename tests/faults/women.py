"""People who write while the program dies: each knows what she must be answered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from bot.services.library import Library
from tests.faults.oracle import Answer, Oracle, Tokens
from tests.faults.page import Page

OPENING = ("hello.yes", "safe_check.no")
PAUSE = (0.5, 0.9)  # seconds between her acts: under twenty in ten seconds, the pace of a person


class Fault(Exception):
    """A promise was broken; the text says which, without words of hers."""


@dataclass
class Walker:
    """She walks through the script by taps; now and then she writes instead."""

    page: Page
    library: Library
    dice: Random
    acts: int = 0
    expected: list[Tokens] = field(default_factory=list[Tokens])
    opening: list[str] = field(default_factory=lambda: [*OPENING, "notice3.ok"])

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.library)
        self._expect(self.oracle.arrives())

    def act(self) -> None:
        """One more act, if the one before is answered: she reads before she taps."""
        if not self.is_settled():
            return
        self.acts += 1
        if not self.opening and self.dice.random() < 0.15:
            text = f"line {self.acts}"  # free text: kept, acknowledged, no danger word
            self.page.act(kind="text", text=text)
            self._expect(self.oracle.types(text))
            return
        token = self.opening.pop(0) if self.opening else self.oracle.next_tap(self.dice)
        self.page.act(kind="choice", choice=token)
        self._expect(self.oracle.taps(token))

    def is_settled(self) -> bool:
        """Everything stored, everything answered."""
        return not self.page.unstored and len(self.page.of_the_guide) >= len(self.expected)

    def check(self) -> None:
        """What she was shown is exactly what answers her acts, each once, in order."""
        shown = [line.tokens for line in self.page.of_the_guide]
        if shown != self.expected:
            differs = next(
                (n for n, (a, b) in enumerate(zip(shown, self.expected, strict=False)) if a != b),
                min(len(shown), len(self.expected)),
            )
            raise Fault(
                f"message {differs}: shown {shown[differs : differs + 2]}, "
                f"owed {self.expected[differs : differs + 2]}, "
                f"{len(shown)} shown, {len(self.expected)} owed, {self.acts} acts"
            )
        _check_page(self.page)

    def _expect(self, answer: Answer) -> None:
        self.expected += answer.messages


@dataclass
class Talker:
    """She asks for a person and talks with one; both count what the other said."""

    page: Page
    name: str
    said: list[str] = field(default_factory=list[str])
    told: list[str] = field(default_factory=list[str])
    heard: list[str] = field(default_factory=list[str])
    opening: list[str] = field(default_factory=lambda: [*OPENING, "notice3.person", "consent.yes"])

    @property
    def accepted(self) -> bool:
        """The guide told her that somebody is there."""
        return any("live_start.emergency" in line.tokens for line in self.page.of_the_guide)

    def act(self) -> None:
        """A tap on the way to a person, then words."""
        if self.opening:
            if any(self.opening[0] in line.tokens for line in self.page.of_the_guide):
                self.page.act(kind="choice", choice=self.opening.pop(0))
            return
        if self.accepted:
            self.said.append(f"{self.name} says {len(self.said)}")
            self.page.act(kind="text", text=self.said[-1])

    def next_word(self) -> str:
        """What the volunteer writes next; counted as told once it is committed."""
        return f"{self.name} is told {len(self.told)}"

    def is_settled(self) -> bool:
        return not self.page.unstored and len(self.page.of_a_person) >= len(self.told)

    def check(self) -> None:
        """Both sides have each word of the other once, in order."""
        if self.page.of_a_person != self.told:
            raise Fault(
                f"she was shown {len(self.page.of_a_person)} of {len(self.told)} lines, or out of order"
            )
        if self.accepted and self.heard != self.said:
            raise Fault(
                f"the volunteer has {len(self.heard)} of her {len(self.said)} lines, or in another order"
            )
        _check_page(self.page)


def _check_page(page: Page) -> None:
    if page.out_of_order:
        raise Fault(f"{page.out_of_order} lines came behind a later one")
    if page.refused or page.gone not in {"", "left"}:
        raise Fault(f"the page was refused {len(page.refused)} acts, or sent away ({page.gone})")


class Settling(Protocol):
    """Somebody who waits for an answer."""

    def is_settled(self) -> bool: ...


async def settled(women: Sequence[Settling], within: float) -> bool:
    """Wait until everybody is answered; False if somebody is not in time."""
    try:
        async with asyncio.timeout(within):
            while not all(her.is_settled() for her in women):
                await asyncio.sleep(0.01)
    except TimeoutError:
        return False
    return True
