"""D-58: no hour of the next 14 days is promised without a volunteer and a supervisor.

Reason: who writes in an hour we said we are there and finds nobody does not write again (RAINN, B-096).
Cure: plan somebody, or promise fewer hours.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.launch import LaunchFacts


def check(facts: LaunchFacts) -> Iterable[Issue]:
    """Yield one issue per gap, or one if no hour is promised at all."""
    if facts.uncovered is None:
        return
    file = f"desks/{facts.desk}/rota.yaml"
    if not facts.promises:
        yield facts.issue(
            "D-58", file, "shifts", "No hour of the next 14 days is planned. Plan who is there."
        )
    for gap in facts.uncovered:
        message = (
            f"From {gap.start:%Y-%m-%d %H:%M} to {gap.end:%Y-%m-%d %H:%M} {_missing(gap.missing)}. "
            "Plan somebody, or promise fewer hours."
        )
        yield facts.issue("D-58", file, "shifts", message)


def _missing(tiers: tuple[str, ...]) -> str:
    named = {"primary": "no volunteer", "supervisor": "no supervisor"}
    return " and ".join(named.get(tier, f"no {tier}") for tier in tiers) + " is planned"
