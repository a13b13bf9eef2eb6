"""The order of the queue: urgency first, with ageing so that nobody starves (B-091).

**Formula.** Each hand-off takes its place at

    queued_at + handicap(urgency)        U0 none · U1 60 min · U2 75 min · U3 90 min

and the queue is served in that order. Being more urgent is worth having waited longer, no more:
whoever is in danger now goes ahead of everybody who came within the last hour; a normal one goes
ahead of a question that came up to 15 min before. And so nobody starves: a U3 is overtaken only by
what arrives within 90 min after her, whatever the load, and everybody ahead of her by then is served
before any newcomer.

Anybody can open many web pages and type words of danger into each. Flagged web pages beyond half of the
places are `crowded`: they are refused nothing, and stand in the order as a normal one would. Whoever is in
danger and comes by a messenger up to 75 min later goes ahead of them, and nobody normal who comes later does.

The order of two people never turns merely because time passes, so a place once gained is kept. A
passed-on or taken-back chat stands at the head of its own urgency.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from handoff.eligibility import FLAGGED
from handoff.model import Urgency, Waiting

HANDICAP: Final[Mapping[Urgency, timedelta]] = {
    Urgency.U0: timedelta(0),
    Urgency.U1: timedelta(minutes=60),
    Urgency.U2: timedelta(minutes=75),
    Urgency.U3: timedelta(minutes=90),
}


def order(waiting: Iterable[Waiting], now: datetime) -> tuple[Waiting, ...]:
    """Everyone who waits, in the order of service.

    A `queued_at` after `now` (the clock was set back) counts as now.
    """
    everyone = list(waiting)
    heads: dict[Urgency, datetime] = {}
    for one in everyone:
        came = min(one.queued_at, now)
        heads[one.urgency] = min(heads.get(one.urgency, came), came)

    def place(one: Waiting) -> tuple[datetime, Urgency, bool, datetime, str]:
        came = min(one.queued_at, now)
        counts_from = heads[one.urgency] if one.passed_on else came
        crowded = one.crowded and not one.passed_on
        handicap = max(HANDICAP[one.urgency], HANDICAP[Urgency.U2]) if crowded else HANDICAP[one.urgency]
        return counts_from + handicap, one.urgency, not one.passed_on, came, one.handoff

    return tuple(sorted(everyone, key=place))


def ahead_of(handoff: str, waiting: Iterable[Waiting], now: datetime) -> int:
    """How many are served before this one; all of them when it does not wait."""
    places = [one.handoff for one in order(waiting, now)]
    return places.index(handoff) if handoff in places else len(places)


def may_queue(*, from_web: bool, waiting: Sequence[Waiting], limit: int) -> bool:
    """Whether one more whom nothing flags may queue where at most `limit` wait.

    Anybody can open many web pages, so web chat gets at most half of the places and a flood of it, flagged
    or not, leaves the other half to those who come by a messenger. Whoever is passed on has her place
    already and is not asked again.
    """
    web = sum(one.from_web for one in waiting)
    taken = len(waiting) - web + min(web, limit // 2)
    return taken < limit and (not from_web or web < limit // 2)


def is_crowded(*, from_web: bool, waiting: Sequence[Waiting], limit: int) -> bool:
    """Whether one more who is flagged stands in the order without the flag; a place she gets in any case."""
    flagged = (one for one in waiting if one.from_web and not one.crowded and one.urgency in FLAGGED)
    return from_web and sum(1 for _ in flagged) >= limit // 2
