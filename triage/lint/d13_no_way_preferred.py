"""D-13: staying, leaving, after leaving and undecided all have a card, equally near.

Reason: most stay in touch by choice or need, and a guide that only knows leaving fails them (A-71, B-085;
004, DAV). It holds for a script that has any of these cards.
Known by: `card.staying`, `card.leaving`, `card.after_leaving`, `card.undecided`.
Cure: write the missing card; offer all of them in the same question.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.d14_short_ways import acts_from_start
from triage.lint.draft import Draft

WAYS = ("card.staying", "card.leaving", "card.after_leaving", "card.undecided")


def check(draft: Draft) -> Iterable[Issue]:
    """Yield missing cards, then cards farther away than the nearest of them."""
    cards = {tag: draft.script.tagged(tag) for tag in WAYS}
    if not any(cards.values()) or draft.script.start not in draft.script.steps:
        return
    acts = acts_from_start(draft)
    for tag in (tag for tag, steps in cards.items() if not steps):
        yield draft.at_script(
            "D-13", f"There are cards for other ways, but none is tagged `{tag}`. Write it."
        )
    near = {
        tag: min((acts[step.id], step.id) for step in found)
        for tag, steps in cards.items()
        if (found := [step for step in steps if step.id in acts])
    }
    least = min((count for count, _ in near.values()), default=0)
    for tag, (count, step) in near.items():
        if count > least:
            message = f"`{tag}` takes {count - least} more acts than the nearest way. Offer them together."
            yield draft.at_step("D-13", step, message)
