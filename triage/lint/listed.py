"""The shape of most text rules: a listed word stands in something the guide says."""

from collections.abc import Callable, Iterable

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.matching import find
from triage.lint.wording import Wording
from triage.lint.words import Entries, WordLists


def spoken_with(
    draft: Draft,
    rule: str,
    entries: Callable[[WordLists], Entries],
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    exempt: Callable[[Wording], bool] = lambda _: False,
) -> Iterable[Issue]:
    """Yield one issue per text that has a listed word; `message` has "{}" where the word goes."""
    for wording in draft.spoken():
        if exempt(wording):
            continue
        if found := find(entries(draft.lists(wording.language)), wording.folded):
            yield draft.at_text(rule, wording, message.format(f"“{found.group()}”"), severity=severity)
