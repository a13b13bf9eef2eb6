"""Conditions of a branch: comparisons of codes, joined by and, or, not and parentheses. Nothing else.

    region in [RO, MD] and not (age_band == under_18)
    minors in on_duty or open_now == yes

A comparison puts a name on one side and codes on the other: a remembered key, `channel`, `language`,
`region`, `open_now` (yes or no; may stand alone) or `on_duty` (holds several codes: `on_duty == minors` and
`minors in on_duty` mean that one of them is minors). Codes may be quoted. A comparison with a key that was
never remembered is false, `!=` too: what is not known decides nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

MAX_LENGTH = 500
MAX_DEPTH = 20
BUILT_IN = frozenset({"channel", "language", "region", "open_now", "on_duty"})
_SETS = frozenset({"on_duty"})
_OPEN = frozenset({"yes", "true"})
_CLOSED = frozenset({"no", "false"})
_WORDS = frozenset({"and", "or", "not", "in"})
_TOKEN = re.compile(
    r"\s*(?:(?P<op>==|!=|[()\[\],])|'(?P<q1>[^']*)'|\"(?P<q2>[^\"]*)\"|(?P<word>[A-Za-z0-9_][A-Za-z0-9_.-]*))"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """True if `key` holds one of `codes`; with `negated`, if it is known and holds none of them."""

    key: str
    codes: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Both:
    """True if all parts are."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """True if one part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """True if its part is not."""

    part: "Condition"


Condition = Comparison | Both | Either | Negation


@dataclass(frozen=True, slots=True)
class ConditionFault:
    """The text is no condition: what is wrong, and at which character (0-based)."""

    message: str
    position: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition may read."""

    answers: Mapping[str, str]
    channel: str = ""
    language: str = ""
    open_now: bool = False
    on_duty: frozenset[str] = field(default_factory=frozenset[str])

    def codes(self, key: str) -> frozenset[str]:
        """The codes `key` holds; empty if it is not known."""
        if key == "on_duty":
            return self.on_duty
        if key == "open_now":
            return _OPEN if self.open_now else _CLOSED
        value = {"channel": self.channel, "language": self.language}.get(key) or self.answers.get(key)
        return frozenset({value}) if value else frozenset()


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether `condition` is true of `facts`."""
    match condition:
        case Comparison(key, codes, negated):
            known = facts.codes(key)
            if not known and key not in _SETS:
                return False
            return known.isdisjoint(codes) if negated else not known.isdisjoint(codes)
        case Both(parts):
            return all(holds(part, facts) for part in parts)
        case Either(parts):
            return any(holds(part, facts) for part in parts)
        case Negation(part):
            return not holds(part, facts)


def keys_of(condition: Condition) -> Iterator[str]:
    """The keys `condition` reads, in order."""
    match condition:
        case Comparison(key):
            yield key
        case Both(parts) | Either(parts):
            for part in parts:
                yield from keys_of(part)
        case Negation(part):
            yield from keys_of(part)


@lru_cache(maxsize=4096)
def parse(text: str) -> Condition | ConditionFault:
    """Read an author's condition. Remembered by its text, so that a turn never parses."""
    if len(text) > MAX_LENGTH:
        return ConditionFault(f"a condition may have at most {MAX_LENGTH} characters", MAX_LENGTH)
    try:
        return _Parser(text).whole()
    except _NoCondition as problem:
        return ConditionFault(problem.message, problem.position)


class _NoCondition(Exception):
    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    position: int
    kind: str  # "op", "word", "code" (quoted) or "end"

    @property
    def is_name(self) -> bool:
        return self.kind == "code" or (self.kind == "word" and self.text not in _WORDS)


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise _NoCondition(f"{text[start]!r} has no meaning in a condition", start)
        name = found.lastgroup or ""
        kind = name if name in {"op", "word"} else "code"
        yield _Token(found[name], found.start(name), kind)
        position = found.end()
    yield _Token("", end, "end")


class _Parser:
    """Recursive descent: either, both, negation, atom."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Condition:
        condition = self._either()
        if self._peek.kind != "end":
            raise _NoCondition(
                f"expected `and`, `or` or the end, not `{self._peek.text}`", self._peek.position
            )
        return condition

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _takes(self, text: str) -> bool:
        found = self._peek.kind in {"op", "word"} and self._peek.text == text
        if found:
            self._take()
        return found

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._takes("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._negation()]
        while self._takes("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _negation(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _NoCondition(f"nested deeper than {MAX_DEPTH}", self._peek.position)
        condition = Negation(self._negation()) if self._takes("not") else self._atom()
        self._depth -= 1
        return condition

    def _atom(self) -> Condition:
        if not self._takes("("):
            return self._comparison()
        condition = self._either()
        if not self._takes(")"):
            raise _NoCondition("a parenthesis is not closed", self._peek.position)
        return condition

    def _comparison(self) -> Condition:
        left = self._name("a remembered key")
        if self._takes("=="):
            return Comparison(left.text, frozenset({self._name("a code").text}))
        if self._takes("!="):
            return Comparison(left.text, frozenset({self._name("a code").text}), negated=True)
        if self._takes("in"):
            return self._membership(left)
        if left.text == "open_now":
            return Comparison("open_now", frozenset({"yes"}))
        raise _NoCondition(f"expected `==`, `!=` or `in` after `{left.text}`", self._peek.position)

    def _membership(self, left: _Token) -> Condition:
        if not self._takes("["):
            right = self._name("a list such as [RO, MD], or on_duty")
            if right.text not in _SETS:
                raise _NoCondition("after `in` comes a list such as [RO, MD], or on_duty", right.position)
            return Comparison(right.text, frozenset({left.text}))
        codes = {self._name("a code").text}
        while self._takes(","):
            codes.add(self._name("a code").text)
        if not self._takes("]"):
            raise _NoCondition("a list is not closed", self._peek.position)
        return Comparison(left.text, frozenset(codes))

    def _name(self, wanted: str) -> _Token:
        if not self._peek.is_name:
            met = f"`{self._peek.text}`" if self._peek.text else "the end"
            raise _NoCondition(f"expected {wanted}, not {met}", self._peek.position)
        return self._take()
