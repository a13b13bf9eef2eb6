"""D-06: every question about her can be skipped, and skipping costs her nothing.

Reason: help may not depend on an answer (B-010; LIVES, N-CONF: no condition of service). A question is one
whose choices remember something, or that asks for her age; the first question, the safe check and consent
are asked to act on, not to know her, and are left out.
Cure: add a choice with the id `skip`, `unsure` or `not_say`, and lead it where the other answers lead.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import FINAL, reachable
from triage.model import Ask, Choice, Handoff, Step, Tag

SKIPS = ("skip", "not_say", "unsure")
NOT_ABOUT_HER = frozenset({Tag.CONSENT, Tag.SAFE_CHECK, Tag.PRE_NOTICE})


def asks_about_her(step: Step) -> bool:
    """True for a question whose answer says something about her, gates and greeting left out."""
    if not isinstance(step.kind, Ask) or step.tags & NOT_ABOUT_HER:
        return False
    return Tag.AGE in step.tags or any(choice.remember for choice in step.kind.choices)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield questions without a skip, and skips that lose content."""
    for step in draft.script.steps.values():
        kind = step.kind
        if not isinstance(kind, Ask) or not asks_about_her(step):
            continue
        ways = {choice.id: choice for choice in kind.choices}
        skip = next((ways[name] for name in SKIPS if name in ways), None)
        if skip is None:
            yield draft.at_step(
                "D-06", step.id, f"A question about her without a skip. Add a choice {_named()}."
            )
        elif lost := _lost_by(draft, skip, kind):
            message = (
                f"Who skips no longer reaches {', '.join(lost)}. Lead `{skip.id}` where the others lead."
            )
            yield draft.at_step("D-06", step.id, message, inside=f"choices.{skip.id}")


def _named() -> str:
    return ", ".join(f"`{name}`" for name in SKIPS[:-1]) + f" or `{SKIPS[-1]}`"


def _lost_by(draft: Draft, skip: Choice, kind: Ask) -> list[str]:
    """What the answer that opens most would have opened and the skip does not: cards, and a person."""
    kept = _content(draft, skip.to)
    others = [_content(draft, choice.to) for choice in kind.choices if choice is not skip]
    most = max(others, key=len, default=frozenset[str]())
    return sorted(most - kept)


def _content(draft: Draft, start: str) -> frozenset[str]:
    if start not in draft.script.steps or isinstance(draft.script.steps[start].kind, FINAL):
        return frozenset()
    found: set[str] = set()
    for name in reachable((start,), draft.graph.script):
        step = draft.script.steps[name]
        found |= {tag for tag in step.tags if tag.startswith("card.")}
        if isinstance(step.kind, Handoff):
            found.add("a person")
    return frozenset(found)
