"""B-034: no item of a licensed risk questionnaire stands in a text.

Reason: Danger Assessment, lethality screens, DASH and HITS need training or a licence, and a question that
grades danger frightens without helping (B-033, B-041; DA, LAP, HITS, DASH).
Cure: leave assessment to a person; offer a tile she can tap instead of a question she must answer.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.listed import spoken_with


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text with such a question."""
    message = "{} opens a questionnaire that needs training or a licence. Leave it to a person."
    return spoken_with(draft, "B-034", lambda lists: lists.instruments, message)
