"""How a message is put for one channel: buttons or numbered lines, parts, short labels. Pure.

An adapter alters nothing of the words; it only places them. Lengths are counted in UTF-16 units,
as the strictest of our networks counts them, so a part fits everywhere.
"""

import re
from dataclasses import dataclass

from channels.message import Capabilities, Choice

_ELLIPSIS = "…"
_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…؟。！？])[\"'”’»)\]]*\s+"),
    re.compile(r"(?<=[,;:،؛])\s+"),
    re.compile(r"\s+"),
)


@dataclass(frozen=True, slots=True)
class Button:
    """One choice as it is shown: what comes back, its label, and the digit that stands for it."""

    token: str
    label: str
    digit: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """A message ready for the wire: its parts in order; buttons belong to the last part."""

    parts: tuple[str, ...]
    buttons: tuple[Button, ...] = ()


def units(text: str) -> int:
    """Length of `text` in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def digits(choices: tuple[Choice, ...]) -> tuple[str, ...]:
    """What can be typed for each choice: its own digit, else its place in the list, counted from 1."""
    return tuple(choice.digit or str(place) for place, choice in enumerate(choices, 1))


def buttons(choices: tuple[Choice, ...], max_label: int) -> tuple[Button, ...]:
    """Each choice with its digit and a label that fits `max_label` together with the digit."""
    return tuple(
        Button(choice.token, shorten_label(choice.label, max_label - len(digit) - 1), digit)
        for choice, digit in zip(choices, digits(choices), strict=True)
    )


def numbered_lines(choices: tuple[Choice, ...]) -> str:
    """One line per choice, "digit label", in full."""
    return "\n".join(
        f"{digit} {choice.label}".strip() for choice, digit in zip(choices, digits(choices), strict=True)
    )


def render(text: str, choices: tuple[Choice, ...], capabilities: Capabilities) -> Rendering:
    """Place `text` and `choices` for a channel with these capabilities.

    Choices become buttons where the channel has them and they fit its number; else numbered lines
    under the text, so that a digit can always be typed.
    """
    if not choices:
        return Rendering(split_text(text, capabilities.max_text))
    if capabilities.buttons and len(choices) <= capabilities.max_choices:
        shown = buttons(choices, capabilities.max_label)
        return Rendering(split_text(text, capabilities.max_text), shown)
    listed = f"{text}\n\n{numbered_lines(choices)}" if text else numbered_lines(choices)
    return Rendering(split_text(listed, capabilities.max_text))


def shorten_label(label: str, limit: int) -> str:
    """`label`, cut at a word with "…" where it is longer than `limit` units; at least one character."""
    if units(label) <= limit:
        return label
    kept = _prefix(label, max(limit - 1, 1))
    at_word = kept.rsplit(None, 1)[0] if " " in kept and not label[len(kept)].isspace() else kept
    return (at_word if units(at_word) * 2 >= limit else kept).rstrip(" ,;:-") + _ELLIPSIS


def split_text(text: str, limit: int) -> tuple[str, ...]:
    """`text` in parts of at most `limit` units, cut at paragraphs, lines, sentences, words, in that order.

    Nothing but white space at a cut is left out. An empty text is one empty part.
    """
    parts: list[str] = []
    rest = text
    while units(rest) > limit:
        cut, after = _cut(rest, limit)
        parts.append(rest[:cut])
        rest = rest[after:]
    if rest or not parts:
        parts.append(rest)
    return tuple(parts)


def _cut(text: str, limit: int) -> tuple[int, int]:
    """Where the next part ends and where the one after it begins."""
    window = _prefix(text, limit)
    for pattern in _BREAKS:
        last = None
        for found in pattern.finditer(text, 0, min(len(text), len(window) + 1)):
            if 0 < _end_of_words(found) <= len(window):
                last = found
        if last is not None and (last.start() * 3 >= len(window) or pattern is _BREAKS[-1]):
            return _end_of_words(last), last.end()
    return len(window), len(window)


def _end_of_words(found: re.Match[str]) -> int:
    """The end of the visible characters of a break (a closing quote stays with its sentence)."""
    return found.start() + len(found.group().rstrip())


def _prefix(text: str, limit: int) -> str:
    """The longest prefix of at most `limit` units, never empty, that leaves no combining mark behind."""
    taken = text[:limit]
    while units(taken) > limit and len(taken) > 1:
        taken = taken[: len(taken) - max(1, (units(taken) - limit) // 2)]
    end = len(taken)
    while 1 < end < len(text) and _joins(text[end]):
        end -= 1
    return taken if end <= 1 else taken[:end]


def _joins(character: str) -> bool:
    """Whether `character` belongs to the one before it (accents, joiners, variation marks, skin tones)."""
    return (
        "\u0300" <= character <= "\u036f"
        or character in "\u200d\ufe0f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
