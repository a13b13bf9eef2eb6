"""A swap: one gives a shift away, another takes it, a coordinator says yes where the desk asks (§3.3).

Until it is approved the first one stays on duty. Whoever took it may let go of it again until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class SwapState(StrEnum):
    """Where a swap stands."""

    OPEN = "open"  # nobody has taken it yet
    TAKEN = "taken"  # waits for a coordinator
    APPROVED = "approved"  # recorded as a change of the rota
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNDONE = "undone"  # was approved; what is left of it is as it was before


class SwapAct(StrEnum):
    """What can be done with one."""

    TAKE = "take"
    LET_GO = "let_go"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    UNDO = "undo"


class SwapApproval(StrEnum):
    """Who must say yes after somebody has taken it."""

    COORDINATOR = "coordinator"
    NOBODY = "nobody"  # it holds as soon as it is taken


@dataclass(frozen=True, slots=True)
class SwapPolicy:
    """How a desk's people swap.

    Attributes:
        approval: see `SwapApproval`.
        closes_before: so long before its beginning a shift can still be taken; later it is a case for cover.
    """

    approval: SwapApproval = SwapApproval.COORDINATOR
    closes_before: timedelta = timedelta(0)


DEFAULT_SWAPS: Final = SwapPolicy()

_MOVES: Final[Mapping[tuple[SwapState, SwapAct], SwapState]] = {
    (SwapState.OPEN, SwapAct.TAKE): SwapState.TAKEN,
    (SwapState.OPEN, SwapAct.WITHDRAW): SwapState.WITHDRAWN,
    (SwapState.OPEN, SwapAct.EXPIRE): SwapState.EXPIRED,
    (SwapState.TAKEN, SwapAct.LET_GO): SwapState.OPEN,
    (SwapState.TAKEN, SwapAct.APPROVE): SwapState.APPROVED,
    (SwapState.TAKEN, SwapAct.REFUSE): SwapState.REJECTED,
    (SwapState.OPEN, SwapAct.REFUSE): SwapState.REJECTED,
    (SwapState.TAKEN, SwapAct.WITHDRAW): SwapState.WITHDRAWN,
    (SwapState.TAKEN, SwapAct.EXPIRE): SwapState.EXPIRED,
    (SwapState.APPROVED, SwapAct.UNDO): SwapState.UNDONE,
}
PENDING: Final = frozenset({SwapState.OPEN, SwapState.TAKEN})


def after(state: SwapState, act: SwapAct) -> SwapState | None:
    """Where a swap stands after an act; None where the act is not possible any more, or not yet."""
    return _MOVES.get((state, act))


def expires_at(state: SwapState, start: datetime, end: datetime, policy: SwapPolicy) -> datetime:
    """When it ends by itself: untaken, when it closes; taken, at the end of the shift.

    What a coordinator approves after the shift began still moves what is left of it.
    """
    return end if state is SwapState.TAKEN else start - policy.closes_before
