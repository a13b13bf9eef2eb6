"""D-57: a script was last reviewed at most 180 days ago.

Reason: lines, laws and words go stale, and nobody rereads what seems to work (002).
Known by: the day of the newest signature, which the organisation's database holds; a file alone has none.
Cure: have two people read it, one of them a practitioner, and sign it anew.
"""

from collections.abc import Iterable
from datetime import timedelta

from triage.issue import Issue, Severity
from triage.lint.draft import Draft

OLDEST = timedelta(days=180)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one warning if the review is too long ago."""
    today, reviewed = draft.facts.today, draft.facts.reviewed_on
    if today is not None and reviewed is not None and today - reviewed > OLDEST:
        message = (
            f"Last reviewed on {reviewed}, {(today - reviewed).days} days ago. Have it read and signed anew."
        )
        yield draft.at_script("D-57", message, path="id", severity=Severity.WARNING)
