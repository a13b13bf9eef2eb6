"""Signals in what she writes: words that may mean danger, in any language there is a list for.

A signal only ever adds help (B-037): it never blocks, never lowers an order, and its absence means nothing
(B-033). So recall comes before precision, and negations are not understood: "I am not suicidal" is found too.
Built once from plain data; `find` is asked for every message, keeps nothing and costs milliseconds.

Notation of an entry, matched against whole words without case, diacritics, apostrophes, hyphens and doubled
letters ("can't" = "cant", "killl" = "kil"):

    kill* me            words side by side; `*` stands for any ending
    he/she .. knife     `/` separates alternatives; `..` allows up to MOST_BETWEEN words between
    im 8-17 !min*/km    `8-17` is a number in that range; `!` says what the next word must not be
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SIGNALS: Final = ("child", "immediate_danger", "medical", "minor", "suicide")
MOST_BETWEEN: Final = 4
LONGEST_NUMBER: Final = 3  # digits
_WORD = re.compile(r"\d+|[^\W\d_]+")
_JOINERS = re.compile("['\u2019\u2018\u02bc`\u00b4\u2010\u2011\u00ad\u200b-\u200d-]")
_DOUBLED = re.compile(r"([^\W\d])\1+")
_RANGE = re.compile(r"(\d+)-(\d+)")


class UnknownSignal(ValueError):
    """A list names a signal that does not exist."""


class BadEntry(ValueError):
    """An entry does not follow the notation."""


Token = int
"""One distinct word of the notation, by number: words, beginnings of words, or numbers in a range."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry: its tokens, how many words may stand before each, and what may not follow."""

    tokens: tuple[Token, ...]
    gaps: tuple[int, ...]
    never_next: Token | None = None


_Entries = Mapping[Token, Sequence[_Entry]]
"""The entries of one list, each under the one of its tokens that the fewest share."""


class _Lexicon:
    """Which tokens a word stands for, answered by look-ups whose cost does not grow with the lists."""

    def __init__(self) -> None:
        self._numbers_of: dict[str, Token] = {}
        self._words: dict[str, list[Token]] = {}
        self._stems: dict[str, list[Token]] = {}
        self._ranges: list[tuple[range, Token]] = []
        self._lengths: tuple[int, ...] = ()

    def token(self, part: str) -> Token:
        """The token for one part of an entry. Raises BadEntry."""
        if (known := self._numbers_of.get(part)) is not None:
            return known
        token = self._numbers_of[part] = len(self._numbers_of)
        if ranged := _RANGE.fullmatch(part):
            self._ranges.append((range(int(ranged[1]), int(ranged[2]) + 1), token))
            return token
        for choice in part.split("/"):
            bare = _fold(choice.removesuffix("*"))
            if _WORD.fullmatch(bare) is None or _RANGE.fullmatch(choice):
                raise BadEntry(f"{part!r}: {choice!r} is not one word")
            (self._stems if choice.endswith("*") else self._words).setdefault(bare, []).append(token)
        return token

    def close(self) -> None:
        """Every entry has been read."""
        self._lengths = tuple(sorted({len(stem) for stem in self._stems}))

    def tokens_of(self, word: str) -> list[Token]:
        """Every token that `word` stands for."""
        found = list(self._words.get(word, ()))
        for length in self._lengths:
            if length > len(word):
                break
            found += self._stems.get(word[:length], ())
        if word.isdecimal() and len(word) <= LONGEST_NUMBER:
            found += [token for numbers, token in self._ranges if int(word) in numbers]
        return found


@dataclass(slots=True)
class _Message:
    """Where each token stands in a message of `length` words, in order."""

    length: int
    places: dict[Token, list[int]]

    def has(self, token: Token, place: int) -> bool:
        """True if the word at `place` stands for `token`."""
        places = self.places.get(token, [])
        at = bisect_left(places, place)
        return at < len(places) and places[at] == place


class Signals:
    """The signal lists of all languages."""

    def __init__(self, plain: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        """Take language → signal → entries. Raises UnknownSignal and BadEntry."""
        self._lexicon = _Lexicon()
        lists: dict[str, dict[str, list[_Entry]]] = {}
        for language, by_signal in plain.items():
            if unknown := sorted(set(by_signal) - set(SIGNALS)):
                raise UnknownSignal(f"{language}: {', '.join(unknown)}")
            lists[_bare_tag(language)] = {
                signal: [_entry(self._lexicon, written) for written in entries]
                for signal, entries in by_signal.items()
            }
        self._lexicon.close()
        self._lists = {
            language: {signal: _by_token(entries) for signal, entries in by_signal.items()}
            for language, by_signal in lists.items()
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags of the languages there is a list for."""
        return tuple(self._lists)

    def find(self, text: str, languages: Iterable[str] | None = None) -> tuple[str, ...]:
        """The signals found in `text`, sorted; each one of `SIGNALS`.

        `languages` are tags ("ro", "ro-RO") of the lists to use. With none, or with one there is no list
        for, all lists are used: who writes in an unknown language may still use a known word.
        """
        message = _message(self._lexicon, text)
        found: set[str] = set()
        for by_signal in self._chosen(languages):
            for signal, entries in by_signal.items():
                if signal not in found and any(
                    _matches(message, entry) for token in message.places for entry in entries.get(token, ())
                ):
                    found.add(signal)
        return tuple(sorted(found))

    def _chosen(self, languages: Iterable[str] | None) -> Sequence[Mapping[str, _Entries]]:
        tags = list(dict.fromkeys(_bare_tag(tag) for tag in languages or ()))
        if not tags or any(tag not in self._lists for tag in tags):
            return tuple(self._lists.values())
        return tuple(self._lists[tag] for tag in tags)


def _by_token(entries: Iterable[_Entry]) -> _Entries:
    """A message has few words: only the entries that share one with it are looked at."""
    entries = tuple(entries)
    shared = Counter(token for entry in entries for token in set(entry.tokens))
    found: dict[Token, list[_Entry]] = {}
    for entry in entries:
        found.setdefault(min(entry.tokens, key=lambda token: shared[token]), []).append(entry)
    return found


def _bare_tag(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].casefold()


def _fold(text: str) -> str:
    """Bare letters: casefolded, without diacritics, apostrophes and hyphens, doubled letters once."""
    folded = text.casefold()
    if not folded.isascii():
        parts = unicodedata.normalize("NFKD", folded)
        folded = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return _DOUBLED.sub(r"\1", _JOINERS.sub("", folded))


def _message(lexicon: _Lexicon, text: str) -> _Message:
    words = _WORD.findall(_fold(text))
    tokens = {word: lexicon.tokens_of(word) for word in set(words)}
    places: dict[Token, list[int]] = {}
    for place, word in enumerate(words):
        for token in tokens[word]:
            places.setdefault(token, []).append(place)
    return _Message(len(words), places)


def _matches(message: _Message, entry: _Entry) -> bool:
    rows = [message.places.get(token) for token in entry.tokens]
    if None in rows:
        return False
    ends: list[int] = rows[0] or []
    for places, gap in zip(rows[1:], entry.gaps[1:], strict=True):
        ends = _next_places(ends, places or [], gap)
    never = entry.never_next
    return any(never is None or not message.has(never, end + 1) for end in ends)


def _next_places(ends: list[int], places: list[int], gap: int) -> list[int]:
    """Those of `places` that follow one of `ends` with at most `gap` words between; each once, in order."""
    following: list[int] = []
    at = 0
    for end in ends:
        while at < len(places) and places[at] <= end:
            at += 1
        while at < len(places) and places[at] <= end + 1 + gap:
            following.append(places[at])
            at += 1
        if at == len(places):
            break
    return following


def _entry(lexicon: _Lexicon, written: str) -> _Entry:
    tokens: list[Token] = []
    gaps: list[int] = []
    gap = 0
    never_next: Token | None = None
    for part in written.split():
        if never_next is not None:
            raise BadEntry(f"{written!r}: nothing may stand after `!`")
        if part == "..":
            gap = MOST_BETWEEN
        elif part.startswith("!"):
            never_next = lexicon.token(part.removeprefix("!"))
        else:
            tokens.append(lexicon.token(part))
            gaps.append(gap)
            gap = 0
    if not tokens or gap or gaps[0]:
        raise BadEntry(f"{written!r}: an entry begins and ends with a word")
    return _Entry(tuple(tokens), tuple(gaps), never_next)
