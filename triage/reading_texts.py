"""The texts of one language: a flat mapping from key to text.

Keys: `<step>.text`, `<step>.<choice id>`, then optionally `.<channel>`, `.easy`, and `.f` or `.m`, in this
order; and `word.<name>` for the guide's own words.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from triage.model import (
    MAX_TEXT,
    Ask,
    Branch,
    Callback,
    CheckPhrase,
    End,
    Handoff,
    Hide,
    PickRegion,
    Remember,
    Script,
    SetPhrase,
    Share,
    Step,
    TextEntry,
)
from triage.reading_steps import CODE
from triage.reading_yaml import Findings, SourceFile, read_tree
from triage.words import ALL_WORDS, PREFIX

CHANNELS: Final = ("web", "telegram", "matrix")
EASY: Final = "easy"
FORMS: Final = ("f", "m")


def step_keys(step: Step) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The text keys a step must have, and those it may have, without suffixes."""
    text = f"{step.id}.text"
    match step.kind:
        case Ask():
            return (text, *(f"{step.id}.{choice.id}" for choice in step.kind.choices)), ()
        case Callback():
            return (text, f"{step.id}.refused"), ()  # the hours are the host's own labels
        case PickRegion() | SetPhrase() | CheckPhrase():
            return (text,), ()
        case Handoff() | Share() | End():
            return (), (text,)
        case Branch() | Remember() | Hide():
            return (), ()
        case _:
            return (text,), ()


def required_keys(script: Script) -> tuple[str, ...]:
    """Every key a published language must have (D-50): the steps' and the guide's own words."""
    return (*(key for step in script.steps.values() for key in step_keys(step)[0]), *ALL_WORDS)


def known_keys(steps: Iterable[Step]) -> frozenset[str]:
    """Every key without suffixes that the steps may have."""
    return frozenset(key for step in steps for keys in step_keys(step) for key in keys)


@dataclass(frozen=True, slots=True)
class TextKeys:
    """The keys a text file may have; `unread` are steps with a fault, whose texts are left alone."""

    known: frozenset[str]
    unread: frozenset[str] = frozenset()


def split_suffixes(key: str) -> tuple[str, tuple[str, ...]]:
    """The key without its suffixes, and the suffixes; they are not checked."""
    parts = key.split(".")
    return ".".join(parts[:2]), tuple(parts[2:])


def read_texts(source: SourceFile, keys: TextKeys, found: Findings) -> dict[str, TextEntry]:
    """The texts of one file by key; everything that is wrong is noted."""
    root = read_tree(source, found)
    if root is None:
        return {}
    if root.kind != "mapping":
        found.add(root, "", "A text file is a list of `key: text` lines.")
        return {}
    entries: dict[str, TextEntry] = {}
    for key, node in root.entries.items():
        place = root.keys[key]
        if (message := _key_fault(key, keys, root.entries.keys())) is not None:
            found.add(place, key, message)
        elif not node.is_scalar or not node.value.strip():
            found.add(node, key, f"`{key}` has no text. Write one, or delete the line.")
        elif len(node.value) > MAX_TEXT:
            found.add(
                node, key, f"{len(node.value)} characters, at most {MAX_TEXT}. Say it in several steps."
            )
        else:
            entries[key] = TextEntry(node.value.strip(), place.line, place.column)
    return entries


def _key_fault(key: str, keys: TextKeys, present: Collection[str]) -> str | None:
    base, suffixes = split_suffixes(key)
    if not _in_order(suffixes):
        return f"`{key}` ends wrongly: a channel, `easy`, and `f` or `m` may follow `{base}`, in this order."
    if base.startswith(PREFIX):
        name = base.removeprefix(PREFIX)
        missing = [word for word in ALL_WORDS if word not in present]
        close = get_close_matches(base, missing, n=1, cutoff=0.85)  # the host has words of its own
        if not CODE.match(name):
            return f"`{base}` is no key. Use small letters, digits and `_`."
        if base not in ALL_WORDS and close:
            return f"The guide has no word `{base}`. Did you mean `{close[0]}`?"
        return None
    if base in keys.known or base.partition(".")[0] in keys.unread:
        return None
    close = get_close_matches(base, sorted(keys.known), n=1, cutoff=0.6)
    cure = f"Did you mean `{close[0]}`?" if close else "Delete it, or add the step or choice it belongs to."
    return f"No step or choice has the text `{base}`. {cure}"


def _in_order(suffixes: tuple[str, ...]) -> bool:
    left = list(suffixes)
    for group in (CHANNELS, (EASY,), FORMS):
        if left and left[0] in group:
            left.pop(0)
    return not left
