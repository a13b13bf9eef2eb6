"""What a chat leaves behind in the one who held it: rest, and somebody to talk to (domain E, §3.9)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from handoff.limits import Force
from handoff.model import HIGH_RISK, Outcome, Urgency


class DebriefReason(StrEnum):
    """Why a debrief is due. Nothing of the chat but this code is kept with it."""

    DANGER_NOW = "danger_now"  # the chat was U0
    DEATH_THREAT = "death_threat"
    CHILD = "child"
    OBSCENE = "obscene"


@dataclass(frozen=True, slots=True)
class CarePolicy:
    """How much rest.

    Attributes:
        cooldown: after a chat of high risk, before the next.
        cooldown_force: hard: nobody asks her before; soft: only when everybody else has been asked; off.
        heavy_in_a_week: from so many heavy chats in seven days on the coordinator is told.
        probation_days: how long a newcomer who was vouched for counts as a trainee.
        asks_in_a_week: how often one person is asked to step in for others.
    """

    cooldown: timedelta = timedelta(minutes=20)
    cooldown_force: Force = Force.SOFT
    heavy_in_a_week: int = 5
    probation_days: int = 90
    asks_in_a_week: int = 2


DEFAULT_CARE: Final = CarePolicy()

_THREATS: Final = frozenset({"signal.immediate_danger", "step.t_threats", "step.danger_yes"})
_CHILDREN: Final = frozenset({"signal.child", "signal.minor"})


def debrief_reasons(
    urgency: Urgency, reasons: Iterable[str], need: str, outcome: Outcome | None
) -> frozenset[DebriefReason]:
    """Why a debrief is due after a chat, from its codes; empty when none is.

    `reasons` are the codes why it was urgent ("signal.child", "step.danger_yes").
    """
    codes = frozenset(reasons)
    found = {
        DebriefReason.DANGER_NOW: urgency is Urgency.U0,
        DebriefReason.DEATH_THREAT: not codes.isdisjoint(_THREATS),
        DebriefReason.CHILD: need == "child"
        or not codes.isdisjoint(_CHILDREN)
        or any(code.startswith("step.minor") for code in codes),
        DebriefReason.OBSCENE: outcome is Outcome.MISUSE,
    }
    return frozenset(reason for reason, holds in found.items() if holds)


def cools_for(
    urgency: Urgency, reasons: Collection[DebriefReason], policy: CarePolicy = DEFAULT_CARE
) -> timedelta:
    """How long she rests after a chat; nothing after a calm one."""
    if policy.cooldown_force is Force.OFF or (urgency not in HIGH_RISK and not reasons):
        return timedelta(0)
    return policy.cooldown
