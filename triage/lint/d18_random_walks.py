"""D-18: whoever taps at random comes to an end or to a person soon, and never loses the emergency card.

Reason: in distress people do not plan their way through a menu; a guide that only works for who reads it well
keeps the others walking (own judgement: domain D). Ten thousand walks over the choices and the outcomes of a
handoff, drawn from a seed, so that the same script is told the same. No choice is tapped twice while another
is left. A walk has ended at an `end`, at `hide`, when a person was asked for, or when she was given numbers
and places; it has 40 acts. At each place the emergency card is at most two acts away.
Cure: offer a person, numbers or "that is all" where the walk goes round.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.graph import FINAL, Act
from triage.lint.spots import Spot, Spots
from triage.model import Handoff, Script, Share, Tag

WALKS = 10_000
ACTS = 40
TO_EMERGENCY = 2
STILL = 60  # moves in a row that cost her nothing: D-04 tells of what goes round by itself
ELSEWHERE = (Act.GLOBAL, Act.HOSTS)  # a walk is of what she taps; the hours are open
_MASK = (1 << 64) - 1


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one warning for where most walks still went round, and one for a place far from the card."""
    first = next(iter(draft.spots.from_start), None)
    if first is None or not draft.script.tagged(Tag.EMERGENCY):
        return
    found = _Walks(draft.script, draft.spots, draft.facts.seed).all_from(first)
    if found.lost:
        count = sum(found.lost.values())
        where = max(found.lost, key=lambda step: (found.lost[step], step))
        message = (
            f"{count} of {WALKS} random walks had not ended after {ACTS} acts, most of them near here. "
            "Offer a person, numbers, or an end."
        )
        yield draft.at_step("D-18", where, message, severity=Severity.WARNING)
    for step in sorted(found.far)[:1]:
        message = (
            f"A random walk came here, more than {TO_EMERGENCY} acts from the emergency card. Lead to it."
        )
        yield draft.at_step("D-18", step, message, severity=Severity.WARNING)


@dataclass(slots=True)
class _Found:
    lost: dict[str, int] = field(default_factory=dict[str, int])
    far: set[str] = field(default_factory=set[str])


class _Walks:
    """The spots by number: a walk asks ten thousand times for the ways on."""

    def __init__(self, script: Script, spots: Spots, seed: int) -> None:
        self._spots = list(spots.from_start)
        self._emergency = spots.to_emergency
        self._state = seed & _MASK
        self._turning = False
        numbers = {spot: number for number, spot in enumerate(self._spots)}
        self._ends = [
            isinstance(script.steps[spot.step].kind, (*FINAL, Handoff, Share)) for spot in self._spots
        ]
        self._ways: list[
            list[tuple[int, int]]
        ] = []  # (where to, 1 for a tap of hers); none where a walk ends
        for number, spot in enumerate(self._spots):
            moves = () if self._ends[number] else spots.moves[spot]
            ways = [(numbers[one.to], int(one.act is Act.HERS)) for one in moves if one.act not in ELSEWHERE]
            self._ways.append(ways)

    def all_from(self, first: Spot) -> _Found:
        found = _Found()
        visited: set[int] = set()
        begin = self._spots.index(first)
        for _ in range(WALKS):
            if self._turning:
                break  # D-04 tells
            last = self._walk(begin, visited)
            if last is not None:
                step = self._spots[last].step
                found.lost[step] = found.lost.get(step, 0) + 1
        for spot in (self._spots[number] for number in visited):
            if self._emergency.get(spot, TO_EMERGENCY + 1) > TO_EMERGENCY:
                found.far.add(spot.step)
        return found

    def _walk(self, here: int, visited: set[int]) -> int | None:
        """Where a walk still was when its acts were used up; None if it ended."""
        tapped: dict[int, list[int]] = {}
        acts = still = 0
        while still < STILL:
            ways = self._ways[here]
            if not ways:
                return None
            if acts == ACTS and ways[0][1]:
                break  # what goes on by itself after her last act is walked to where she would act again
            left = tapped.get(here)
            if left is None:
                left = tapped[here] = list(range(len(ways)))
            chosen = left[self._draw(len(left))] if left else self._draw(len(ways))
            to, hers = ways[chosen]
            if hers:
                visited.add(here)
                acts, still = acts + 1, 0
                if left:
                    left.remove(chosen)
            else:
                still += 1
            here = to
        self._turning = still >= STILL
        return None if self._ends[here] or self._turning else here

    def _draw(self, below: int) -> int:
        """The next number of splitmix64, a generator of eight lines that is the same everywhere."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ (mixed >> 31)) % below
