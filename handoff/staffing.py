"""How a desk looks after who waits and who answers: escalation, limits, care and training as one value."""

from dataclasses import dataclass, field

from handoff.breaks import DEFAULT_BREAKS, BreakPolicy
from handoff.care import DEFAULT_CARE, CarePolicy
from handoff.limits import DEFAULT_LIMITS, Limits
from handoff.policy import DEFAULT_POLICY, Policy
from handoff.swaps import DEFAULT_SWAPS, SwapPolicy
from handoff.training import NO_TRAINING, Training


@dataclass(frozen=True, slots=True)
class Escalation:
    """`escalation.yaml`. `max_chats` is the desk's limit of load units for everybody, None for none."""

    policy: Policy = DEFAULT_POLICY
    max_chats: int | None = None


@dataclass(frozen=True, slots=True)
class Care:
    """`care.yaml`: limits, breaks, rest after heavy chats, how shifts are swapped."""

    limits: Limits = DEFAULT_LIMITS
    breaks: BreakPolicy = DEFAULT_BREAKS
    after: CarePolicy = DEFAULT_CARE
    swaps: SwapPolicy = DEFAULT_SWAPS


@dataclass(frozen=True, slots=True)
class Staffing:
    """Everything a desk's documents say of it; what is not written has its default."""

    escalation: Escalation = field(default_factory=Escalation)
    care: Care = field(default_factory=Care)
    training: Training = NO_TRAINING


DEFAULT_STAFFING = Staffing()
