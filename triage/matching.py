"""Typed words: a digit, a label, a region's name, or free text.

Order, after the global words: a digit of what is shown, a label of what is shown, a label of the step's own
choices, a region's name or code. Anything else is free text: it is kept and acknowledged at every step.
Free text of more than three words is never a miss; a shorter one is: the first miss shows the choices again,
the second offers a person or the menu, and the same question is not asked a third time (D-04). Who seems to
write in a language the script is not in is told once which there are, and that is no miss. While she
waits for a person nothing is a miss. A single stray digit or bare punctuation holds nothing to keep and is
only a miss; an emoji counts as something that is not text (B-028).
"""

import unicodedata
from collections.abc import Iterator

from triage import words
from triage.choices import WAITING_CHOICES, offered, own_choices, show, tell_languages
from triage.effects import OfferedChoice, TextKept
from triage.gates import missing_gate
from triage.language import MAX_MATCHED, fold_label
from triage.model import Handoff, PickRegion, Tag
from triage.rendering import find_text
from triage.run import Aside
from triage.unread import is_unread
from triage.walk import Walk

MISS_WORDS = 3  # a reply of more words is no unlucky try at a choice


def is_picture(text: str) -> bool:
    """True for a text without letters or digits that holds an emoji."""
    return len(text) <= MAX_MATCHED and any(unicodedata.category(letter) == "So" for letter in text)


def matched(walk: Walk, folded: str) -> str | None:
    """The token of the choice that `folded` stands for, else None."""
    shown = offered(walk)
    if len(folded) == 1 and folded.isdigit():
        return next((choice.token for choice in shown if choice.digit == folded), None)
    is_label = folded in _known_labels(walk)
    for choice in _with_own(walk, shown):
        if choice.label:
            if fold_label(choice.label) == folded:
                return choice.token
        elif is_label and folded in _labels(walk, choice):
            return choice.token
    return _region(walk, folded) if isinstance(walk.here.kind, PickRegion) else None


def keep_text(walk: Walk, text: str) -> None:
    """Keep free text, say so, and show again what is waited for."""
    walk.effects.append(TextKept())
    kept = _kept(walk)
    if isinstance(walk.here.kind, Handoff):
        walk.aside = Aside.NONE
        walk.speak(kept, offered(walk))
        return
    if walk.waits_for_person and Tag.QUEUE in walk.here.tags:
        walk.aside = Aside.QUEUE  # what is asked meanwhile stays open, and is not asked again
        walk.speak(kept, WAITING_CHOICES)
        return
    if writes_unread(walk, text):
        tell_languages(walk)
        return
    if len(text.split(maxsplit=MISS_WORDS)) <= MISS_WORDS:
        walk.misses += 1
        walk.aside = walk.aside if walk.misses < 2 else Aside.LOST
    if walk.aside is Aside.LOST and walk.misses != 2:
        walk.speak(kept, offered(walk))
    else:
        walk.speak(kept)
        show(walk)


def writes_unread(walk: Walk, text: str) -> bool:
    """Whether she is to be told now which languages there are: once, and where the script has the words."""
    return not walk.told_languages and walk.has_text(words.OTHER_LANGUAGE) and is_unread(walk.script, text)


def _kept(walk: Walk) -> str:
    if missing_gate(walk) is not None:
        return words.KEPT_EARLY
    return words.KEPT_WAITING if walk.waits_for_person and walk.has_text(words.KEPT_WAITING) else words.KEPT


def miss(walk: Walk) -> None:
    """Take an unknown reply with nothing in it to keep."""
    if isinstance(walk.here.kind, Handoff):
        walk.aside = Aside.NONE
    else:
        walk.misses += 1
        walk.aside = walk.aside if walk.misses < 2 else Aside.LOST
    show(walk)


def _with_own(walk: Walk, shown: tuple[OfferedChoice, ...]) -> Iterator[OfferedChoice]:
    yield from shown
    if walk.aside is not Aside.NONE:
        yield from own_choices(walk)


def _known_labels(walk: Walk) -> frozenset[str]:
    """Everything short that the script says in her language and in its own: no label is outside."""
    script = walk.script
    memo: dict[str, frozenset[str]] = script.memo.setdefault("labels", {})
    if walk.language not in memo:
        texts = (script.texts.get(language, {}) for language in (walk.language, script.languages[0]))
        memo[walk.language] = frozenset(fold_label(entry.text) for one in texts for entry in one.values())
    return memo[walk.language]


def _labels(walk: Walk, choice: OfferedChoice) -> Iterator[str]:
    for language in (walk.language, walk.script.languages[0]):
        text = find_text(walk.script, language, walk.surroundings.channel, choice.key)
        if text is not None:
            yield fold_label(text)


def _region(walk: Walk, folded: str) -> str | None:
    around = walk.surroundings
    for code in around.regions:
        if folded == fold_label(code):
            return f"region.{code}"
        if any(folded == fold_label(names.get(code, "")) for names in around.region_names.values()):
            return f"region.{code}"
    return None
