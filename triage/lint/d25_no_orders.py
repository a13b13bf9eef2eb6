"""D-25: nobody is told what to do with her life: to leave, report, divorce, tell.

Reason: she knows the danger best, and being ordered about is what she has had enough of (DAV, LIVES).
Emergency and medical cards are exempt.
Known by: the tags `emergency`, `card.medical`, `card.neck`, `card.suicide`.
Cure: "some people …", "you can …", "would it help to …".
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with
from triage.lint.wording import Wording
from triage.model import Tag

EXEMPT = frozenset({Tag.EMERGENCY, "card.medical", "card.neck", "card.suicide"})


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text that orders."""

    def exempt(wording: Wording) -> bool:
        step = draft.script.steps.get(wording.step)
        return step is not None and not EXEMPT.isdisjoint(step.tags)

    message = "{} orders what is hers to decide. Offer it as something she can do."
    return spoken_with(draft, "D-25", lambda lists: lists.orders, message, exempt=exempt)
