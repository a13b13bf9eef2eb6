"""D-50: every text and label is there in every published language, and is really in that language.

Reason: who reads Romanian must get all that who reads English gets (B-133, IC24). A text equal to the source
language is most likely untranslated; one word may be the same in two languages, so that only warns. A text
half or twice as long as its source most likely lacks something or adds something. A text for one channel that
a language lacks is said in its plain form, so that warns as well. A language whose word lists have only begun
would pass every rule unwatched.
Cure: translate what is missing, complete the lists, or take the language out of `languages`.
"""

from collections.abc import Iterable, Mapping

from triage.issue import Issue, Severity
from triage.lint.draft import NO_WORDS, Draft
from triage.lint.matching import find, fold
from triage.lint.wording import PLACEHOLDER, Wording
from triage.reading_texts import CHANNELS, required_keys
from triage.words import LANGUAGE_NAME, PREFIX

SHORTEST, LONGEST = 0.5, 2.0
COMPARED_FROM = 40  # characters; shorter texts differ by chance
SAME_BY_CHANCE = 3  # letters: "OK", "No"
NEEDED = (  # lists that rules go by which block; the others only warn
    "why_forms", "blame_forms", "sensitive", "orders", "promises", "identifying", "media_requests",
    "self_harm_wording", "graphic", "mutualising", "gendered", "jargon", "instruments", "removal_steps",
    "says_safety_first", "says_removal_noticed", "says_keep_proof", "says_leaving_danger",
)  # fmt: skip


def check(draft: Draft) -> Iterable[Issue]:
    """Yield what a language lacks, then what looks untranslated or cut."""
    written = {(one.language, one.key): one for one in draft.wordings}
    source = draft.script.languages[0] if draft.script.languages else ""
    needed = dict.fromkeys((*required_keys(draft.script), *(one.base_key for one in draft.wordings)))
    for language in draft.script.languages:
        if lacking := _lists_without_words(draft, language):
            what = "No word lists" if len(lacking) == len(NEEDED) else f"No words in {', '.join(lacking)}"
            message = f"{what} for {language}: its texts cannot be checked. Write them."
            yield draft.at_language("D-50", language, message)
        yield from (_missing(draft, language, key) for key in needed if (language, key) not in written)
    for wording in draft.wordings:
        if not wording.text.strip():
            yield draft.at_text("D-50", wording, "An empty text. Write it.")
        if wording.language == source:
            yield from _not_for_this_channel(draft, wording, written)
        elif (original := written.get((source, wording.key))) is not None:
            yield from _compared(draft, wording, original)


def _lists_without_words(draft: Draft, language: str) -> list[str]:
    lists = draft.words.get(language, NO_WORDS)
    return [name for name in NEEDED if not getattr(lists, name)]


def _missing(draft: Draft, language: str, key: str) -> Issue:
    message = f"No text `{key}` in {language}. Write it."
    step = key.partition(".")[0]
    if key.startswith(PREFIX) or step not in draft.script.steps:
        return draft.at_language("D-50", language, message, path=key)
    return draft.at_step("D-50", step, message, inside=key.removeprefix(f"{step}."))


def _not_for_this_channel(
    draft: Draft, wording: Wording, written: Mapping[tuple[str, str], Wording]
) -> Iterable[Issue]:
    if not set(CHANNELS).intersection(wording.suffixes):
        return
    for language in draft.script.languages:
        if (language, wording.key) not in written:
            message = f"{language} has no text of its own for this channel; its plain one is said."
            yield draft.at_text("D-50", wording, message, severity=Severity.WARNING)


def _compared(draft: Draft, wording: Wording, original: Wording) -> Iterable[Issue]:
    if wording.folded == original.folded and wording.base_key != LANGUAGE_NAME:
        severity = _sameness(wording, tuple(fold(name) for name in draft.service_names))
        if severity is not None:
            message = f"The same as in {original.language}. Translate it."
            yield draft.at_text("D-50", wording, message, severity=severity)
    longer = max(len(wording.text), len(original.text))
    ratio = len(wording.text) / max(1, len(original.text))
    if longer >= COMPARED_FROM and not SHORTEST <= ratio <= LONGEST:
        message = f"{ratio:.1f} times as long as in {original.language}. Is something missing, or added?"
        yield draft.at_text("D-50", wording, message, severity=Severity.WARNING)


def _sameness(wording: Wording, names: tuple[str, ...]) -> Severity | None:
    """How bad it is that the text equals its source; None where there is nothing to translate."""
    bare = PLACEHOLDER.sub(" ", wording.text)
    words = [word for word in fold(bare).split() if any(letter.isalpha() for letter in word)]
    words = [word for word in words if not find(names, word)]
    if sum(map(len, words)) <= SAME_BY_CHANCE:
        return None
    return Severity.WARNING if len(words) == 1 else Severity.ERROR
