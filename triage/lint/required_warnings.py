"""Warnings that certain cards must hold, declared by the author in `warns`."""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft


def cards_without(
    draft: Draft, rule: str, tags: Iterable[str], warning: str, message: str
) -> Iterable[Issue]:
    """Yield one issue per step that carries one of `tags` and does not declare `warning`."""
    wanted = frozenset(tags)
    for step in draft.script.steps.values():
        if (named := sorted(step.tags & wanted)) and warning not in step.warns:
            yield draft.at_step(rule, step.id, f"A `{named[0]}` card without `warns: [{warning}]`. {message}")
