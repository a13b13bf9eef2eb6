"""D-35: a card on leaving says that leaving can raise danger; an emergency text begins with the number.

Reason: leaving is the most dangerous time and best planned with a person (B-086; STALK); in an emergency
only the first line is read (B-030).
Known by: `card.leaving`, `warns: [leaving_danger]`; the placeholder `{emergency}` in texts of steps tagged
`emergency`. An emergency step that shares resources shows their number first by itself.
Cure: write the danger into the card's text and declare it; begin with `{emergency}`.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.required_warnings import cards_without
from triage.model import Share, Tag

NUMBER = "{emergency}"
BEGINNING = 40  # characters


def check(draft: Draft) -> Iterable[Issue]:
    """Yield leaving cards without the warning, then an emergency text that begins otherwise."""
    yield from cards_without(
        draft, "D-35", ("card.leaving",), "leaving_danger", "Say that leaving can raise danger."
    )
    first = next(iter(draft.script.tagged(Tag.EMERGENCY)), None)
    if first is None or isinstance(first.kind, Share):
        return
    for wording in draft.spoken():
        if wording.step == first.id and not 0 <= wording.text.find(NUMBER) < BEGINNING:
            yield draft.at_text("D-35", wording, f"An emergency text begins with `{NUMBER}`. Put it first.")
