"""D-41: the placeholders of a text are known and the same in every language; nothing she wrote is echoed.

Reason: a placeholder that is missing in one language withholds a number or the word `hide` from those who
read it; an unknown one shows her a brace, and one that echoed her words would carry them to another screen
(B-106).
Cure: take the placeholders over from the source language; correct the spelling.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.wording import PLACEHOLDER, Wording
from triage.model import GlobalAction

FROM_THE_HOST = frozenset(
    {
        "alias",
        "country",
        "emergency",
        "month",
        "next_opening",
        "number",
        "open_line",
        "opens",
        "org",
        "retention",
        "volunteer",
        "wait",
    }
)
FROM_THE_GUIDE = frozenset({"languages", "round", "rounds"})
ALLOWED = FROM_THE_HOST | FROM_THE_GUIDE | frozenset(GlobalAction)  # an action stands for the word to type


def check(draft: Draft) -> Iterable[Issue]:
    """Yield unknown and broken placeholders, then those that a language lacks or has too many of."""
    source = draft.script.languages[0] if draft.script.languages else ""
    named = {one.key: placeholders(one) for one in draft.wordings if one.language == source}
    for wording in draft.wordings:
        mine = placeholders(wording)
        for unknown in sorted(mine - ALLOWED):
            near = get_close_matches(unknown, ALLOWED, n=1)
            hint = f" Did you mean `{{{near[0]}}}`?" if near else ""
            yield draft.at_text("D-41", wording, f"Nothing fills `{{{unknown}}}`.{hint}")
        if "{" in (rest := PLACEHOLDER.sub("", wording.text)) or "}" in rest:
            yield draft.at_text(
                "D-41", wording, "A brace stands alone. Close the placeholder, or leave it out."
            )
        if wording.language != source and wording.key in named:
            yield from _difference(draft, wording, mine, named[wording.key], source)


def placeholders(wording: Wording) -> frozenset[str]:
    """Names of the placeholders in the text."""
    return frozenset(PLACEHOLDER.findall(wording.text))


def _difference(
    draft: Draft, wording: Wording, mine: frozenset[str], theirs: frozenset[str], source: str
) -> Iterable[Issue]:
    for what, names in (("lacks", theirs - mine), (f"has, and {source} has not,", (mine & ALLOWED) - theirs)):
        if names:
            listed = ", ".join(f"`{{{name}}}`" for name in sorted(names))
            yield draft.at_text(
                "D-41", wording, f"This language {what} {listed}. Use the same in all languages."
            )
