"""One text of a script, taken apart: whose it is, in which language and variant, how it reads folded."""

import re
from dataclasses import dataclass

from triage.lint.matching import fold
from triage.model import Script, TextEntry
from triage.reading_texts import split_suffixes
from triage.words import LANGUAGE_NAME, PREFIX

TEXT = "text"
LABEL = "_label"  # how the names of the guide's own labels end
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """One text or label.

    Attributes:
        language: tag of the language it is in.
        key: the author's whole key, "hello.text.telegram.easy".
        step: step it belongs to, "" for the guide's own words.
        part: "text", or the choice id, or what follows `word.`.
        suffixes: channel, `easy`, `f` or `m` after the part; none for the plain form.
        text: the words.
        folded: the words as `matching.fold` gives them, each placeholder as "{}".
        file: file it stands in.
        line: 1-based line there.
        column: 1-based column there.
    """

    language: str
    key: str
    step: str
    part: str
    suffixes: tuple[str, ...]
    text: str
    folded: str
    file: str
    line: int
    column: int

    @property
    def is_spoken(self) -> bool:
        """True for what the guide says."""
        return self.part == TEXT if self.step else not self.is_label and self.base_key != LANGUAGE_NAME

    @property
    def is_label(self) -> bool:
        """True for what she says by a tap."""
        return self.part != TEXT if self.step else self.part.endswith(LABEL)

    @property
    def base_key(self) -> str:
        """The key without its suffixes."""
        return f"{self.step}.{self.part}" if self.step else f"{PREFIX}{self.part}"


def wordings(script: Script) -> tuple[Wording, ...]:
    """Every text of every language, in the order of the languages and of the files."""
    return tuple(
        _wording(script, language, key, entry)
        for language in script.languages
        for key, entry in script.texts.get(language, {}).items()
    )


def _wording(script: Script, language: str, key: str, entry: TextEntry) -> Wording:
    base, suffixes = split_suffixes(key)
    owner, _, part = base.partition(".")
    step = "" if base.startswith(PREFIX) else owner
    file = script.text_files.get(language, "")
    folded = fold(PLACEHOLDER.sub("{}", entry.text))
    return Wording(language, key, step, part, suffixes, entry.text, folded, file, entry.line, entry.column)
