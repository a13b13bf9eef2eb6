"""D-56: two people signed exactly this revision, one of them a practitioner.

Reason: one pair of eyes misses what does harm, and a programmer's eyes miss what a practitioner sees (B-121,
PR14). A signature stands under a hash: what was changed after it is not signed.
Cure: two people read the revision and sign it, one of them with the role of reviewer.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.launch import LaunchFacts

SIGNERS = 2


def check(facts: LaunchFacts) -> Iterable[Issue]:
    """Yield what is missing under the revision."""
    if facts.digest is None:
        return
    valid = {one.alias: one for one in facts.signatures if one.digest == facts.digest}
    other = sorted({one.alias for one in facts.signatures} - valid.keys())
    if other:
        message = (
            f"{', '.join(other)} signed something else than this revision. Have it read and signed anew."
        )
        yield facts.issue("D-56", "revision", "signatures", message)
    if len(valid) < SIGNERS:
        message = f"{len(valid)} of {SIGNERS} people have signed this revision. Have it read and signed."
        yield facts.issue("D-56", "revision", "signatures", message)
    elif not any(one.practitioner for one in valid.values()):
        message = "No practitioner has signed this revision. One of the two needs the role of reviewer."
        yield facts.issue("D-56", "revision", "signatures", message)
