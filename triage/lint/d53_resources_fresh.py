"""D-53: what is sent was rung lately, not by who wrote it, and has neither an end behind it nor odd hours.

Reason: a wrong number costs the one call she could make; whoever wrote it down reads over her own mistake
(B-126, B-131; FHL, OREF). A line is stale after 180 days, an emergency number after 90.
Cure: ring it, then `hotline resources verify ID --as ALIAS`; or withdraw it.
"""

from collections.abc import Iterable
from datetime import timedelta

from triage.issue import Issue
from triage.lint.launch import LaunchFacts, PublishedRow

OLDEST = timedelta(days=180)
OLDEST_EMERGENCY = timedelta(days=90)


def check(facts: LaunchFacts) -> Iterable[Issue]:
    """Yield one issue per row and fault."""
    for row in facts.rows or ():
        for fault in _faults(row, facts):
            yield facts.issue("D-53", "resources", row.id, fault)


def _faults(row: PublishedRow, facts: LaunchFacts) -> Iterable[str]:
    oldest = OLDEST_EMERGENCY if row.emergency else OLDEST
    if row.verified_on is None:
        yield f"{row.id} was never rung by a person of yours. Ring it."
    elif facts.today - row.verified_on > oldest:
        yield f"{row.id} was last rung on {row.verified_on}, more than {oldest.days} days ago. Ring it again."
    elif row.verified_by and row.verified_by == row.edited_by:
        yield f"{row.id} was rung by who wrote it. Have another person ring it."
    if row.valid_until is not None and row.valid_until < facts.today:
        yield f"{row.id} ended on {row.valid_until}. Withdraw it, or correct its end."
    for fault in row.hours_faults:
        yield f"{row.id}: its hours {fault}. Correct them."
