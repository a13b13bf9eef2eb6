"""Words that work everywhere when typed as a whole message (design §4).

Built once from plain data, asked at intake for every message: a look-up, nothing more.
"""

from collections.abc import Iterable, Mapping

from triage.language import fold, fold_label
from triage.model import GlobalAction

_EVERYWHERE = (GlobalAction.HIDE, GlobalAction.HELP_NOW)
_ALWAYS_READ = "en"
_BUILT_IN = {"hide": GlobalAction.HIDE, "help now": GlobalAction.HELP_NOW}


class UnknownAction(ValueError):
    """A list of global words names an action that does not exist."""


class GlobalWords:
    """The global words of all published languages.

    `hide` and `help now` are known in every language at once, and in English even when no list is given:
    a broken list must not take them away (PR5). Where one word stands for two actions, `hide` wins, then
    `help now`, then the order of `GlobalAction` (the linter refuses such lists, D-51).
    """

    def __init__(self, plain: Mapping[str, Mapping[str, Iterable[str]]] | None = None) -> None:
        """Take language → action → words, the shown word first. Raises UnknownAction."""
        self._everywhere: dict[str, GlobalAction] = {}
        self._by_language: dict[str, dict[str, GlobalAction]] = {}
        self._shown: dict[tuple[str, GlobalAction], str] = {}
        read = [(language, _actions(actions)) for language, actions in (plain or {}).items()]
        for action in _EVERYWHERE:
            for _, actions in read:
                _enter(self._everywhere, action, actions.get(action, ()))
        for word, action in _BUILT_IN.items():
            self._everywhere.setdefault(word, action)
        self._urgent = dict(self._everywhere)
        for _, actions in read:
            _enter(self._urgent, GlobalAction.STOP, actions.get(GlobalAction.STOP, ()))
        for language, actions in read:
            words = self._by_language.setdefault(language, {})
            for action in GlobalAction:
                _enter(words, action, actions.get(action, ()))
                for word in actions.get(action, ())[:1]:
                    self._shown[language, action] = word

    def recognise(self, text: str, languages: Iterable[str] = ()) -> GlobalAction | None:
        """The action that the whole of `text` stands for, else None.

        `hide` and `help now` are found in all languages; the others in `languages` (the conversation's and
        the client's) and in English.
        """
        folded = fold(text)
        return self.recognise_folded(folded, languages) if folded else None

    def recognise_folded(self, folded: str, languages: Iterable[str] = ()) -> GlobalAction | None:
        """`recognise` for a text that went through `language.fold` already."""
        if (found := self._everywhere.get(folded)) is not None:
            return found
        for language in (*languages, _ALWAYS_READ):
            words = self._by_language.get(language) or self._by_language.get(language.partition("-")[0])
            if words is not None and (found := words.get(folded)) is not None:
                return found
        return None

    def recognise_urgent(self, text: str) -> GlobalAction | None:
        """`hide`, `stop` or `help now`, typed whole in any published language: for intake (PR5)."""
        folded = fold(text)
        return self._urgent.get(folded) if folded else None

    def first(self, action: GlobalAction, language: str) -> str:
        """The word to show for `action`, for placeholders such as `{hide}`.

        Where the language has none: the English one, else the action's own name.
        """
        for tag in (language, language.partition("-")[0], _ALWAYS_READ):
            if (word := self._shown.get((tag, action))) is not None:
                return word
        return action.value.replace("_", " ")


def _actions(plain: Mapping[str, Iterable[str]]) -> dict[GlobalAction, tuple[str, ...]]:
    known = {action.value for action in GlobalAction}
    if unknown := sorted(set(plain) - known):
        raise UnknownAction(", ".join(unknown))
    return {GlobalAction(name): tuple(words) for name, words in plain.items()}


def _enter(words: dict[str, GlobalAction], action: GlobalAction, typed: Iterable[str]) -> None:
    for word in typed:
        if folded := fold_label(word):
            words.setdefault(folded, action)


NO_GLOBAL_WORDS = GlobalWords()
"""Knows only `hide` and `help now` in English."""
