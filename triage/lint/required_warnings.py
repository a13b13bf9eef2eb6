"""Warnings that certain cards must hold: declared in `warns`, and said in the text of every language."""

from collections.abc import Iterable, Iterator

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.matching import find, fold, sentences
from triage.lint.wording import Wording
from triage.lint.words import Entries


def cards_without(
    draft: Draft, rule: str, tags: Iterable[str], warning: str, message: str
) -> Iterable[Issue]:
    """Yield one issue per step that carries one of `tags` and does not declare `warning`, or does not say it.

    What counts as saying it is the list `says_<warning>` of the language; one without a list is not asked.
    """
    wanted = frozenset(tags)
    for step in draft.script.steps.values():
        if not (named := sorted(step.tags & wanted)):
            continue
        if warning not in step.warns:
            yield draft.at_step(rule, step.id, f"A `{named[0]}` card without `warns: [{warning}]`. {message}")
            continue
        for wording in texts_of(draft, step.id):
            entries = says(draft, wording, warning)
            if entries and not find(entries, wording.folded):
                yield draft.at_text(rule, wording, f"Declares `{warning}` and does not say it. {message}")


def texts_of(draft: Draft, step: str) -> Iterator[Wording]:
    """What a step says, in every language and variant."""
    return (wording for wording in draft.spoken() if wording.step == step)


def says(draft: Draft, wording: Wording, warning: str) -> Entries:
    """The words that say `warning` in the language of `wording`."""
    entries: Entries = getattr(draft.lists(wording.language), f"says_{warning}", ())
    return entries


def sentence_with(entries: Entries, wording: Wording) -> int | None:
    """Number of the first sentence that has one of `entries`, from 0; None if none has."""
    for number, sentence in enumerate(sentences(wording.text)):
        if find(entries, fold(sentence)):
            return number
    return None
