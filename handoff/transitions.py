"""What may happen to a hand-off, and who may make it happen. Pure: a new value, or why not.

| move         | from                     | to                      | by                                  |
| ---          | ---                      | ---                     | ---                                 |
| accept       | waiting, passing         | active                  | any staff, on the right version     |
| decline      | waiting, passing         | same, not offered again | any staff                           |
| pass_on      | active                   | passing, head of queue  | who has it, a supervisor            |
| take_back    | active                   | passing, head of queue  | the clock, a supervisor             |
| close        | active                   | closed, with an outcome | who has it, a supervisor            |
| she_left     | waiting, passing, parked | parked (*), closed      | her, the clock                      |
| she_left     | active                   | left, with a place (*)  | her, the clock                      |
| acknowledged | left                     | parked (*), closed      | who had it, a supervisor, the clock |
| parked       | waiting, passing, active | parked                  | her, the clock, a supervisor        |
| resumed      | parked, left (*)         | passing or waiting      | her                                 |
| place_lost   | parked, left (*)         | closed                  | the clock, a supervisor             |
| raised       | all but left and closed  | same, more urgent       | anyone                              |

(*) when flagged and she wants her place kept; it outlasts the volunteer's look.

`claim_version` changes with every change of who has the chat or whether it can be had. Whoever acts on
an older version is told ALREADY_TAKEN, and by nobody's name (PR8).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from handoff.deadlines import PLACE_HELD_FOR
from handoff.eligibility import FLAGGED
from handoff.model import HandoffState, Outcome, Refusal, Urgency


class Party(StrEnum):
    """Who acts that is not staff."""

    HER = "her"
    CLOCK = "clock"  # a deadline fell due


@dataclass(frozen=True, slots=True)
class Staff:
    """A person of the hotline who acts; `supervisor` as granted for this desk and on duty."""

    person: str
    supervisor: bool = False


By = Party | Staff


@dataclass(frozen=True, slots=True)
class Handoff:
    """One hand-off as it stands.

    Attributes:
        id: of the hand-off.
        urgency: never sinks while it is open.
        queued_at: when she was first queued.
        state: see `HandoffState`.
        claim_version: rises whenever who has it, or whether it can be had, changes.
        person: who has it, or had it when she left; set exactly while active or left.
        front: it stands at the head of its urgency.
        declined_by: who is not offered it again.
        held_until: set while parked, and while left with a place that is held.
        outcome: set exactly once closed.
    """

    id: str
    urgency: Urgency
    queued_at: datetime
    state: HandoffState = HandoffState.WAITING
    claim_version: int = 0
    person: str | None = None
    front: bool = False
    declined_by: frozenset[str] = frozenset()
    held_until: datetime | None = None
    outcome: Outcome | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still asks something of us."""
        return self.state is not HandoffState.CLOSED

    @property
    def can_be_had(self) -> bool:
        """Whether a volunteer may take it."""
        return self.state in {HandoffState.WAITING, HandoffState.PASSING}


Moved = Handoff | Refusal


def accept(handoff: Handoff, by: Staff, claim_version: int, refused: Refusal | None = None) -> Moved:
    """`by` takes the chat. First wins.

    `claim_version` is the one her offer showed; `refused` what `eligibility.refusals` says at this
    moment, computed from the facts read in the same transaction, so that capacity cannot be exceeded.
    """
    if claim_version != handoff.claim_version or handoff.state is HandoffState.ACTIVE:
        return Refusal.ALREADY_TAKEN
    if not handoff.can_be_had:
        return Refusal.NOT_OPEN
    if refused is not None:
        return refused
    return _next(handoff, state=HandoffState.ACTIVE, person=by.person, front=False)


def decline(handoff: Handoff, by: Staff) -> Moved:
    """`by` does not want it; no reason is asked. The offers of others stay good."""
    if not handoff.can_be_had:
        return Refusal.NOT_OPEN
    return replace(handoff, declined_by=handoff.declined_by | {by.person})


def pass_on(handoff: Handoff, by: By) -> Moved:
    """Back to the head of her urgency, not offered again to the one who passes it on."""
    refusal = _not_hers_to_end(handoff, by)
    if refusal is not None:
        return refusal
    return _next(_returned(handoff), declined_by=handoff.declined_by | {handoff.person or ""})


def take_back(handoff: Handoff, by: By) -> Moved:
    """Back to the head of her urgency because the volunteer is silent (PR9).

    The volunteer may take it again later: she did not refuse.
    """
    if handoff.state is not HandoffState.ACTIVE:
        return Refusal.NOT_OPEN
    if by is Party.HER or (isinstance(by, Staff) and not by.supervisor):
        return Refusal.NOT_ALLOWED
    return _next(_returned(handoff))


def close(handoff: Handoff, by: By, outcome: Outcome) -> Moved:
    """The talk has ended, with a coded outcome."""
    refusal = _not_hers_to_end(handoff, by)
    return _closed(handoff, outcome) if refusal is None else refusal


def she_left(handoff: Handoff, by: By, now: datetime, *, keep_place: bool = True) -> Moved:
    """She hid, stopped, sent the person away, left the queue, or has been silent too long.

    A flagged one keeps her place for a while (B-039) unless she wants to be gone (`stop`, or her own
    word that she no longer wants a person): `keep_place` False. Leaving twice changes nothing.
    """
    if isinstance(by, Staff):
        return Refusal.NOT_ALLOWED
    if handoff.state in {HandoffState.LEFT, HandoffState.CLOSED}:
        return Refusal.NOT_OPEN
    held = keep_place and handoff.urgency in FLAGGED
    if handoff.state is HandoffState.ACTIVE:  # the volunteer sees first that she had to go (design §4)
        until = now + PLACE_HELD_FOR if held else None
        return _next(handoff, state=HandoffState.LEFT, front=held, held_until=until)
    if not held:
        return _closed(handoff, Outcome.SHE_LEFT)
    return handoff if handoff.state is HandoffState.PARKED else parked(handoff, by, now)


def acknowledged(handoff: Handoff, by: By) -> Moved:
    """The volunteer has seen that she had to leave, or had half an hour to see it."""
    if handoff.state is not HandoffState.LEFT:
        return Refusal.NOT_OPEN
    if by is Party.HER:
        return Refusal.NOT_ALLOWED
    if isinstance(by, Staff) and not by.supervisor and by.person != handoff.person:
        return Refusal.NOT_YOURS
    if handoff.held_until is not None and by is not Party.CLOCK:
        return _next(handoff, state=HandoffState.PARKED, person=None)
    return _closed(handoff, Outcome.SHE_LEFT)


def parked(handoff: Handoff, by: By, now: datetime) -> Moved:
    """She is away; nobody is asked, and her place is held half an hour."""
    if isinstance(by, Staff) and not by.supervisor:
        return Refusal.NOT_ALLOWED
    if handoff.state in {HandoffState.PARKED, HandoffState.LEFT, HandoffState.CLOSED}:
        return Refusal.NOT_OPEN
    returned = _returned(handoff) if handoff.state is HandoffState.ACTIVE else handoff
    return _next(returned, state=HandoffState.PARKED, held_until=now + PLACE_HELD_FOR)


def resumed(handoff: Handoff, by: By) -> Moved:
    """She came back: the same place in the queue, at the head if she had been talking already.

    Her place is hers until its deadline has closed it: a late clock is not held against her.
    """
    if by is not Party.HER:
        return Refusal.NOT_ALLOWED
    if handoff.held_until is None:
        return Refusal.NOT_OPEN
    state = HandoffState.PASSING if handoff.front else HandoffState.WAITING
    return _next(handoff, state=state, person=None, held_until=None)


def place_lost(handoff: Handoff, by: By, now: datetime) -> Moved:
    """She did not come back in time."""
    if by is Party.HER or (isinstance(by, Staff) and not by.supervisor):
        return Refusal.NOT_ALLOWED
    if handoff.held_until is None or now < handoff.held_until:
        return Refusal.NOT_OPEN
    return _closed(handoff, Outcome.SHE_LEFT)


def raised(handoff: Handoff, urgency: Urgency) -> Moved:
    """A flag came up: more urgent, never less (B-033). Offers already made stay good."""
    if handoff.state in {HandoffState.LEFT, HandoffState.CLOSED}:
        return Refusal.NOT_OPEN
    return replace(handoff, urgency=min(handoff.urgency, urgency))


def _not_hers_to_end(handoff: Handoff, by: By) -> Refusal | None:
    if handoff.state is not HandoffState.ACTIVE:
        return Refusal.NOT_OPEN
    if not isinstance(by, Staff):
        return Refusal.NOT_ALLOWED
    return None if by.supervisor or by.person == handoff.person else Refusal.NOT_YOURS


def _returned(handoff: Handoff) -> Handoff:
    return replace(handoff, state=HandoffState.PASSING, person=None, front=True)


def _closed(handoff: Handoff, outcome: Outcome) -> Handoff:
    return _next(
        handoff, state=HandoffState.CLOSED, person=None, held_until=None, front=False, outcome=outcome
    )


def _next(handoff: Handoff, **changes: object) -> Handoff:
    return replace(handoff, claim_version=handoff.claim_version + 1, **changes)
