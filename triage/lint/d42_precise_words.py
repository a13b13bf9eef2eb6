"""D-42: time words are precise ("in the last few days"), and nothing is "just" or "simply" done.

Reason: deadlines of care depend on days, and "simply" tells her that what she cannot do is easy, which blames
her (own judgement: domain D).
Cure: give the days; leave the small word out.
"""

from collections.abc import Iterable

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with such a word."""
    message = "{} says too little, or makes it small. Say when, or leave it out."
    return spoken_with(
        draft,
        "D-42",
        lambda lists: (*lists.vague_time, *lists.minimising),
        message,
        severity=Severity.WARNING,
    )
