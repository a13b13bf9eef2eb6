"""Whether she writes in a language that no text of the script is in: a guess, for a line that only adds.

Nothing is translated (B-134) and no list of languages is needed: what can be read are the letters and the
words of the script's own texts. Her words pass through here and are not kept.
"""

from typing import Final

from triage.language import fold
from triage.model import Script

MOST_READ: Final = 200  # characters of hers that are looked at
LETTERS: Final = 3  # fewer may be a mark or an initial
WORDS: Final = 4  # fewer, in letters we know, may be a name or a slip
KNOWN_SHARE: Final = 4  # unread where fewer than one word in so many is known


def is_unread(script: Script, text: str) -> bool:
    """True where half of her letters, or nearly all of her words, are in no published language."""
    letters = [letter for letter in text[:MOST_READ].casefold() if letter.isalpha()]
    known_letters, known_words = _vocabulary(script)
    strange = sum(letter not in known_letters for letter in letters)
    if len(letters) >= LETTERS and 2 * strange >= len(letters):
        return True
    words = [word for word in fold(text[:MOST_READ]).split() if word.isalpha()]
    return len(words) >= WORDS and KNOWN_SHARE * sum(word in known_words for word in words) < len(words)


def _vocabulary(script: Script) -> tuple[frozenset[str], frozenset[str]]:
    memo: tuple[frozenset[str], frozenset[str]] | None = script.memo.get("vocabulary")
    if memo is None:
        texts = [entry.text for one in script.texts.values() for entry in one.values()]
        letters = {letter for text in texts for letter in text.casefold() if letter.isalpha()}
        words = {word for text in texts for part in text.split() for word in fold(part).split()}
        memo = script.memo["vocabulary"] = (frozenset(letters), frozenset(words))
    return memo
