"""D-40: a label has at most 20 characters and a meaning without emoji, and is unlike the others of its step.

Reason: a button cuts what is longer; a screen reader and a phone without emoji show only words; two equal
labels make her choose blind, and a typed label could mean either (B-135). The order of choices is the same
in all languages because the script holds it once.
Cure: shorten, use words, tell the two apart.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.wording import Wording
from triage.model import Ask
from triage.words import HIDE_LABEL, MORE_LABEL

CHARACTERS = 20


def check(draft: Draft) -> Iterable[Issue]:
    """Yield labels that are too long, empty, mute or doubled."""
    for wording in draft.labels():
        label = wording.text.strip()
        if not label:
            yield draft.at_text("D-40", wording, "An empty label. Write what she would say.")
        elif not any(letter.isalnum() for letter in label):
            yield draft.at_text("D-40", wording, f"“{label}” says nothing without its picture. Use words.")
        if len(label) > CHARACTERS:
            yield draft.at_text(
                "D-40", wording, f"{len(label)} characters, a button shows {CHARACTERS}. Shorten it."
            )
    yield from _doubled(draft)


def _doubled(draft: Draft) -> Iterable[Issue]:
    by_step: dict[tuple[str, str, tuple[str, ...]], list[Wording]] = {}
    always: dict[str, dict[str, str]] = {}
    for wording in draft.labels():
        if wording.step:
            by_step.setdefault((wording.language, wording.step, wording.suffixes), []).append(wording)
        elif wording.key in (HIDE_LABEL, MORE_LABEL):
            always.setdefault(wording.language, {})[_bare(wording)] = wording.key
    for (language, step, _), labels in by_step.items():
        if not isinstance(getattr(draft.script.steps.get(step), "kind", None), Ask):
            continue
        taken = dict(always.get(language, {}))
        for wording in labels:
            if _bare(wording) and taken.setdefault(_bare(wording), wording.key) != wording.key:
                other = taken[_bare(wording)]
                yield draft.at_text("D-40", wording, f"The same label as `{other}`. Tell the two apart.")


def _bare(wording: Wording) -> str:
    return " ".join(wording.folded.split())
