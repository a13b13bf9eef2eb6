"""D-24: texts are easy to read: grade 6 in English; short sentences, few long words in other languages.

Reason: stress lowers what anyone can read, and many read in a language that is not their first
(contentdesign.london V). English: grade above 6 warns, above 8 blocks. Others: sentences of 12 words on
average and 20 at most, and a LIX above 35 warn; above 45 blocks. Short texts are not judged: chance decides
there.
Cure: two short sentences for a long one; the everyday word.
"""

from collections.abc import Iterable

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.readability import Reading, read

JUDGED_FROM = 15  # words
GRADE, HARDEST_GRADE = 6.0, 8.0
MEAN, LONGEST = 12.0, 20
LIX, HARDEST_LIX = 35.0, 45.0


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text that is too hard."""
    for wording in draft.spoken():
        found = read(wording.text, wording.language)
        if found.words < JUDGED_FROM:
            continue
        fault, blocks = _fault(found)
        if fault:
            severity = Severity.ERROR if blocks else Severity.WARNING
            yield draft.at_text(
                "D-24", wording, f"{fault} Shorter sentences, plainer words.", severity=severity
            )


def _fault(found: Reading) -> tuple[str, bool]:
    if found.grade is not None:
        return (
            (f"Grade {found.grade:.1f}, at most {GRADE:.0f}.", found.grade > HARDEST_GRADE)
            if (found.grade > GRADE)
            else ("", False)
        )
    if found.lix > LIX:
        return f"LIX {found.lix:.0f}, at most {LIX:.0f}.", found.lix > HARDEST_LIX
    if found.longest > LONGEST:
        return f"A sentence of {found.longest} words, at most {LONGEST}.", False
    if found.mean > MEAN:
        return f"{found.mean:.1f} words a sentence, at most {MEAN:.0f}.", False
    return "", False
