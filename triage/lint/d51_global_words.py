"""D-51: the words that work everywhere are short, neutral, and none stands for two actions.

Reason: who types under stress types one short word, on any keyboard; if it also meant something else,
`hide` might not hide (PR5). `hide` and `help now` are known in all languages at once, so there a clash
counts across languages. A listed word may be seen over her shoulder like any other. A language of another
alphabet has each word in Latin letters too: keyboards are borrowed and set otherwise.
Cure: choose another word; at most 12 characters; add the word as it is typed in Latin letters.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.matching import find, fold
from triage.model import GlobalAction

CHARACTERS = 12
EVERYWHERE = (GlobalAction.HIDE, GlobalAction.HELP_NOW)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield words that are too long, sensitive, or ambiguous."""
    everywhere: dict[str, tuple[str, str]] = {}
    for language in draft.script.languages:
        for action in EVERYWHERE:
            for word in draft.globals_.get(language, {}).get(action, ()):
                everywhere.setdefault(fold(word), (action, language))
    for language in draft.script.languages:
        yield from _of_language(draft, language, everywhere)
        yield from _without_latin(draft, language)


def _of_language(draft: Draft, language: str, everywhere: dict[str, tuple[str, str]]) -> Iterable[Issue]:
    mine: dict[str, str] = {}
    for action, words in draft.globals_.get(language, {}).items():
        for word in words:
            path = f"globals.{language}.{action}"
            if len(word) > CHARACTERS:
                message = f"“{word}” is longer than {CHARACTERS} characters. Choose a shorter word."
                yield draft.at_language("D-51", language, message, path=path)
            if find(draft.lists(language).sensitive, fold(word)):
                message = f"“{word}” can be seen by others. Choose a neutral word."
                yield draft.at_language("D-51", language, message, path=path)
            other, where = everywhere.get(fold(word), (action, language))
            if other == action:
                other, where = mine.setdefault(fold(word), action), language
            if other != action:
                message = f"“{word}” stands for `{other}` ({where}) as well. Choose another word."
                yield draft.at_language("D-51", language, message, path=path)


def _without_latin(draft: Draft, language: str) -> Iterable[Issue]:
    for action, words in draft.globals_.get(language, {}).items():
        if words and not any(fold(word).isascii() for word in words):
            message = f"No word for `{action}` in Latin letters. Add how it is typed on such a keyboard."
            yield draft.at_language("D-51", language, message, path=f"globals.{language}.{action}")
