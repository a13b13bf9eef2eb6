"""D-59: each fear the authors wrote down is answered by a text.

Reason: what people are afraid of before they write decides whether they write; a fear nobody answered was
forgotten, not solved (A-04; 000).
Known by: `fears` at the head of the script, each with the keys of the texts that answer it.
Cure: write the text, and name its key; or take the fear out of the list.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from triage.issue import Issue, Severity
from triage.lint.draft import Draft


def check(draft: Draft) -> Iterable[Issue]:
    """Yield fears without a text, then keys that no text has."""
    source = {key for texts in (*draft.script.texts.values(),)[:1] for key in texts}
    for fear, keys in draft.script.fears.items():
        if not keys:
            message = f"No text answers `{fear}`. Name one, or write it."
            yield draft.at_script("D-59", message, path=f"fears.{fear}", severity=Severity.WARNING)
        for key in keys:
            if key not in source:
                near = get_close_matches(key, source, n=1)
                hint = f" Did you mean `{near[0]}`?" if near else ""
                message = f"`{fear}` is answered by `{key}`, which is no text.{hint}"
                yield draft.at_script("D-59", message, path=f"fears.{fear}", severity=Severity.WARNING)
