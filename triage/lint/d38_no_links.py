"""D-38: no web addresses in texts; they come from the directory, when she asks for them.

Reason: an address tells whoever sees the screen what it is about, stays in the browser's history and brings
a preview (B-024).
Cure: name the step that gives it; put the address into the directory of resources.
"""

import re
from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.wording import PLACEHOLDER

_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|info|eu|ro|cz|lt|sk|es|md|ua|ru|pl|de|uk)(?![\w.]*\w)",
    re.IGNORECASE,
)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text or label with an address."""
    for wording in draft.wordings:
        if found := _ADDRESS.search(PLACEHOLDER.sub("{}", wording.text)):
            message = f"“{found.group()}” is a web address. Put it into the directory of resources."
            yield draft.at_text("D-38", wording, message)
