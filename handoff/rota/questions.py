"""What is asked of a rota at a moment: who is on, whether the desk is open, what changes next.

Every answer is read off `final_duty` (PR11).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handoff.model import Duty, Offered, Tier
from handoff.rota.pattern import NOTHING_SAID, Rota
from handoff.rota.resolve import NOBODY_ELSE, final_duty, offers_of, raw_pieces, spells
from handoff.rota.spans import utc

NEARBY: Final = timedelta(days=2)
LOOK_AROUND: Final = timedelta(days=14)
LOOK_AHEAD: Final = timedelta(days=400)
_WINDOWS: Final = (timedelta(days=2), timedelta(days=16), timedelta(days=64), LOOK_AHEAD)


def on_duty(
    rota: Rota, at: datetime, others: Mapping[str, Rota] = NOBODY_ELSE, within: timedelta = LOOK_AHEAD
) -> tuple[Duty, ...]:
    """Who is on duty at `at`, each with the whole time she is on in that tier without a break.

    A duty that has no end in sight is cut `within` either way: 400 days where nobody says otherwise.
    """
    moment = utc(at)
    now: tuple[Duty, ...] = ()
    # Most duties end within days: the wide look, which costs the more, is for those that do not.
    for window in sorted({min(each, within) for each in (NEARBY, LOOK_AROUND, LOOK_AHEAD)}):
        around = spells(final_duty(rota, moment - window, moment + window, others))
        now = tuple(duty for duty in around if duty.start <= moment < duty.end)
        if all(moment - window < duty.start and duty.end < moment + window for duty in now):
            break
    exact = {duty.volunteer: duty for duty in final_duty(rota, moment, _just_after(moment), others)}
    return tuple(replace(exact[duty.volunteer], start=duty.start, end=duty.end) for duty in now)


def offered(rota: Rota, who: str, tier: Tier, at: datetime) -> Offered:
    """What a volunteer brings in the shifts she has in this tier at `at`.

    A shift's own languages and skills stand before the volunteer's; of several shifts, all that they
    say together. Empty where the rota is silent: then her profile decides.
    """
    moment = utc(at)
    pieces = raw_pieces(rota, moment, _just_after(moment)).get(who, ())
    brought = [offers_of(rota, who, piece.offers) for piece in pieces if piece.tier is tier]
    return Offered(
        NOTHING_SAID.languages.union(*(each.languages for each in brought)),
        NOTHING_SAID.skills.union(*(each.skills for each in brought)),
    )


def next_change(rota: Rota, at: datetime, others: Mapping[str, Rota] = NOBODY_ELSE) -> datetime | None:
    """The first moment after `at` when someone comes or goes; None within 400 days."""
    moment = utc(at)
    for window in _WINDOWS:
        horizon = moment + window
        duties = spells(final_duty(rota, moment, horizon, others))
        edges = {edge for duty in duties for edge in (duty.start, duty.end)} - {moment, horizon}
        if edges:
            return min(edges)
    return None


def open_at(rota: Rota, at: datetime, others: Mapping[str, Rota] = NOBODY_ELSE) -> bool:
    """Hours are open when at least one primary volunteer is on duty."""
    moment = utc(at)
    return any(duty.tier is Tier.PRIMARY for duty in final_duty(rota, moment, _just_after(moment), others))


def next_opening(rota: Rota, at: datetime, others: Mapping[str, Rota] = NOBODY_ELSE) -> datetime | None:
    """The first moment from `at` on when the desk is open (`at` itself when it is); None within 400 days."""
    moment = utc(at)
    for window in _WINDOWS:
        duties = final_duty(rota, moment, moment + window, others)
        openings = [duty.start for duty in duties if duty.tier is Tier.PRIMARY]
        if openings:
            return min(openings)
    return None


def whole_duties(rota: Rota, since: datetime, until: datetime) -> tuple[Duty, ...]:
    """Every duty that has part of itself between the two, uncut; one without an end in sight is cut."""
    found: tuple[Duty, ...] = ()
    for margin in (NEARBY, LOOK_AROUND, LOOK_AHEAD):
        first, last = utc(since) - margin, utc(until) + margin
        around = final_duty(rota, first, last)
        found = tuple(duty for duty in around if duty.start < until and duty.end > since)
        if all(first < duty.start and duty.end < last for duty in found):
            break
    return found


def _just_after(moment: datetime) -> datetime:
    return moment + timedelta.resolution
