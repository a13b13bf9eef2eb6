"""D-32: a card that follows what she has just told begins with a word that meets it.

Reason: the first answer decides whether she goes on: listened to and believed, or processed (LIVES-V).
Known by: choices that remember `topic` or `recent`; the first card they lead to without another act of hers;
the list `validating` of the language.
Cure: begin with "Thank you for telling this", "I am sorry this happened", "I am glad you wrote".
"""

from collections.abc import Iterable, Iterator

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.graph import automatic_edges
from triage.lint.matching import find, fold, sentences
from triage.model import Ask, Tag

TOLD = frozenset({"topic", "recent"})


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one warning per card and language that begins otherwise."""
    cards = dict.fromkeys(card for start in _after_telling(draft) for card in _first_cards(draft, start))
    for wording in draft.spoken():
        if wording.step not in cards or not (entries := draft.lists(wording.language).validating):
            continue
        first = next(iter(sentences(wording.text)), "")
        if not find(entries, fold(first)):
            message = "Follows what she told and begins without meeting it. Thank her, or say that it counts."
            yield draft.at_text("D-32", wording, message, severity=Severity.WARNING)


def _after_telling(draft: Draft) -> Iterator[str]:
    for step in draft.script.steps.values():
        if isinstance(step.kind, Ask):
            yield from (choice.to for choice in step.kind.choices if TOLD & choice.remember.keys())


def _first_cards(draft: Draft, start: str) -> Iterator[str]:
    """The first step with words on each way that goes on by itself, if it is a card."""
    edges = automatic_edges(draft.graph)
    waiting, seen = [start], {start}
    while waiting:
        step = draft.script.steps.get(waiting.pop())
        if step is None or Tag.EMERGENCY in step.tags:
            continue
        if any(f"{step.id}.text" in texts for texts in draft.script.texts.values()):
            if any(tag.startswith("card.") for tag in step.tags):
                yield step.id
            continue
        for edge in edges.get(step.id, ()):
            if edge.to not in seen:
                seen.add(edge.to)
                waiting.append(edge.to)
