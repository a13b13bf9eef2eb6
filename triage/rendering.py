"""A `Speak` effect to words: the most specific text, placeholders filled, labels beside their tokens.

Placeholders are `{name}` and nothing else: no format codes, no attributes. One that nobody fills is dropped
and reported, never shown; the linter refuses it before.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from triage.effects import Speak
from triage.model import Script

PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_SPACES: Final = re.compile(r"  +")


@dataclass(frozen=True, slots=True)
class Variant:
    """Which form of a text she reads: the easy one, and grammatical form "f", "m" or "" for neither."""

    easy: bool = False
    form: str = ""


PLAIN: Final = Variant()


@lru_cache(maxsize=16)
def _variant(reading: str, form: str) -> Variant:
    return Variant(easy=reading == "easy", form=form if form in {"f", "m"} else "")


def variant_of(answers: Mapping[str, str]) -> Variant:
    """The form she reads, by what a script remembered: `reading: easy`, `form: f` or `form: m`."""
    if "reading" not in answers and "form" not in answers:
        return PLAIN
    return _variant(answers.get("reading", ""), answers.get("form", ""))


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is said.

    Attributes:
        text: the words.
        choices: `(token, label)`, in order.
        digits: the digit of each choice, in the same order.
        missing: text keys without a text and placeholders without a value, for the host to count.
    """

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    digits: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def render(
    script: Script,
    language: str,
    channel: str,
    speak: Speak,
    values: Mapping[str, str],
    *,
    variant: Variant = PLAIN,
) -> Rendered:
    """Say `speak` in `language`, or in its own. `values` are the host's; the effect's own come first."""
    language = speak.language or language
    missing: list[str] = []
    text = _filled(script, language, channel, variant, speak.key, speak.values, values, missing)
    choices: list[tuple[str, str]] = []
    for choice in speak.choices:
        label = choice.label or _filled(
            script, language, channel, variant, choice.key, speak.values, values, missing
        )
        choices.append((choice.token, label))
    digits = tuple(choice.digit for choice in speak.choices)
    return Rendered(text, tuple(choices), digits, tuple(dict.fromkeys(missing)))


def find_text(script: Script, language: str, channel: str, key: str, variant: Variant = PLAIN) -> str | None:
    """The most specific text of `key` in `language`, else in the source language; None if there is none."""
    suffixes = _suffixes(channel, variant.form, easy=variant.easy)
    for tag in (language, script.languages[0]):
        texts = script.texts.get(tag)
        if texts is not None:
            for suffix in suffixes:
                if (entry := texts.get(key + suffix)) is not None:
                    return entry.text
    return None


def fill(text: str, *values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """`text` with each placeholder filled by the first mapping that knows it; and the names nobody knows."""
    if "{" not in text:
        return text, ()
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        for known in values:
            try:
                return known[found[1]]
            except KeyError:
                continue
        missing.append(found[1])
        return ""

    filled = PLACEHOLDER.sub(value, text)
    return (_SPACES.sub(" ", filled).strip() if missing else filled), tuple(missing)


def numbered(rendered: Rendered) -> str:
    """The text with its choices as lines, "1 Yes", for channels without buttons (B-135)."""
    lines = [f"{digit} {label}" for digit, (_, label) in zip(rendered.digits, rendered.choices, strict=True)]
    return "\n\n".join(part for part in (rendered.text, "\n".join(lines)) if part)


@lru_cache(maxsize=256)
def _suffixes(channel: str, form: str, *, easy: bool) -> tuple[str, ...]:
    """Key endings, the most specific first: channel before `easy` before the form."""
    channels = (f".{channel}", "") if channel else ("",)
    easier = (".easy", "") if easy else ("",)
    forms = (f".{form}", "") if form else ("",)
    return tuple(a + b + c for a in channels for b in easier for c in forms)


def _filled(
    script: Script,
    language: str,
    channel: str,
    variant: Variant,
    key: str,
    own: Mapping[str, str],
    values: Mapping[str, str],
    missing: list[str],
) -> str:
    text = find_text(script, language, channel, key, variant)
    if text is None:
        missing.append(key)
        return ""
    filled, unknown = fill(text, own, values)
    missing.extend(unknown)
    return filled
