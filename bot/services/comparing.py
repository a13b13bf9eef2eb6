"""What changes between two revisions, in words a coordinator understands.

Step by step and language by language: which text, which choice, their order, where each leads.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.services.sheets import WORDS, Sheet, SheetStep

KIND: Final = {
    "say": "says something and goes on",
    "ask": "asks and waits for her answer",
    "share": "gives numbers and places",
    "remember": "remembers something and goes on",
    "branch": "goes one way or another",
    "handoff": "asks for a person",
    "callback": "offers a later message",
    "phrase": "asks for the words agreed with her",
    "hide": "hides everything",
    "end": "ends the chat",
}
HOW: Final = {
    "then": "what follows",
    "otherwise": "what follows otherwise",
    "accepted": "when a volunteer accepts",
    "declined": "when all decline",
    "nobody": "when nobody answers",
    "out_of_hours": "when the line is closed",
    "closed": "when the volunteer closes the chat",
    "agreed": "when she says yes",
    "refused": "when she says no",
    "skipped": "when she skips it",
    "found": "when her words are right",
    "unknown": "when her words are not known",
}
PART: Final = {
    "flags": "urgency and need",
    "warns": "warnings it must hold",
    "remember": "what it remembers",
    "share": "what it gives numbers for",
    "phrase": "what it does with the agreed words",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        step: the step it is in, `WORDS` for the guide's own words, "" for the script as a whole.
        said: what changed, as a sentence without its end.
        language: the language of a text, "" for what holds in all.
        before: how it was, "" for nothing.
        after: how it is, "" for nothing.
    """

    step: str
    said: str
    language: str = ""
    before: str = ""
    after: str = ""


def compare(old: Sheet, new: Sheet) -> tuple[Change, ...]:
    """Everything that changes from `old` to `new`, in the order of the new script; () when nothing does."""
    return tuple(_compare(old, new))


def _compare(old: Sheet, new: Sheet) -> Iterator[Change]:
    if old.start != new.start:
        yield Change("", "The chat begins with another step", before=old.start, after=new.start)
    yield from _languages(old, new)
    before = {step.id: step for step in old.steps}
    for step in new.steps:
        if step.id not in before:
            yield Change(step.id, f"A new step: it {_kind(step)}", after=_ways(step))
        else:
            yield from _step(before[step.id], step)
        yield from _texts(step.id, old, new)
    after = {step.id for step in new.steps}
    for step in old.steps:
        if step.id not in after:
            yield Change(step.id, f"The step was taken out; it {_kind(step)}", before=old.title(step.id))


def _languages(old: Sheet, new: Sheet) -> Iterator[Change]:
    for tag in new.languages:
        if tag not in old.languages:
            yield Change("", "A language was added", tag)
    for tag in old.languages:
        if tag not in new.languages:
            yield Change("", "A language was taken out", tag)
    if set(old.languages) == set(new.languages) and old.languages != new.languages:
        yield Change(
            "", "The languages stand in another order", "", ", ".join(old.languages), ", ".join(new.languages)
        )


def _step(old: SheetStep, new: SheetStep) -> Iterator[Change]:
    if old.kind != new.kind:
        yield Change(new.id, "It does something else now", before=_kind(old), after=_kind(new))
    yield from _choices(old, new)
    were, are = dict(old.leads), dict(new.leads)
    for how in dict.fromkeys((*were, *are)):
        if were.get(how, "") != are.get(how, ""):
            yield Change(
                new.id,
                f"It leads elsewhere: {HOW.get(how, how)}",
                before=were.get(how, ""),
                after=are.get(how, ""),
            )
    if list(were) != list(are) and sorted(were) == sorted(are):
        yield Change(new.id, "Its conditions are tried in another order", "", _list(were), _list(are))
    if set(old.tags) != set(new.tags):
        yield Change(new.id, "What the step is for", before=_list(old.tags), after=_list(new.tags))
    for part in dict.fromkeys((*old.parts, *new.parts)):
        was, now = old.parts.get(part), new.parts.get(part)
        if was != now:
            yield Change(new.id, f"Changed: {PART.get(part, part)}", before=_told(was), after=_told(now))


def _choices(old: SheetStep, new: SheetStep) -> Iterator[Change]:
    were = {name: (to, dict(kept)) for name, to, kept in old.choices}
    are = {name: (to, dict(kept)) for name, to, kept in new.choices}
    for name, (to, _) in are.items():
        if name not in were:
            yield Change(new.id, f"A new choice “{name}”", after=f"leads to {to}")
        elif were[name][0] != to:
            yield Change(new.id, f"The choice “{name}” leads elsewhere", before=were[name][0], after=to)
        if name in were and were[name][1] != are[name][1]:
            yield Change(
                new.id,
                f"The choice “{name}” remembers something else",
                before=_told(were[name][1]),
                after=_told(are[name][1]),
            )
    for name, (to, _) in were.items():
        if name not in are:
            yield Change(new.id, f"The choice “{name}” was taken out", before=f"led to {to}")
    stayed = [name for name in were if name in are]
    if stayed != [name for name in are if name in were]:
        yield Change(new.id, "The choices stand in another order", before=_list(were), after=_list(are))


def _texts(step: str, old: Sheet, new: Sheet) -> Iterator[Change]:
    for tag in new.languages:
        were = {k: v for k, v in old.texts.get(tag, {}).items() if k.startswith(f"{step}.")}
        are = {k: v for k, v in new.texts.get(tag, {}).items() if k.startswith(f"{step}.")}
        for key in dict.fromkeys((*are, *were)):
            if were.get(key, "") != are.get(key, ""):
                yield Change(step, name_of(key), tag, were.get(key, ""), are.get(key, ""))


def name_of(key: str) -> str:
    """What a text key names, for people: "The text", "The choice “later”", with its variant."""
    step, _, rest = key.partition(".")
    name, *suffixes = rest.split(".")
    variant = f" ({', '.join(_SUFFIX.get(one, one) for one in suffixes)})" if suffixes else ""
    if step == WORDS:
        return f"The guide's own words “{name}”{variant}"
    return f"{'The text' if name == 'text' else f'The choice “{name}”'}{variant}"


_SUFFIX: Final = {
    "web": "on the web page",
    "telegram": "on Telegram",
    "matrix": "on Matrix",
    "easy": "in easy words",
    "f": "to a woman",
    "m": "to a man",
}


def _kind(step: SheetStep) -> str:
    return KIND.get(step.kind, "does nothing that could be read")


def _ways(step: SheetStep) -> str:
    ways = [f"{name} → {to}" for name, to, _ in step.choices]
    return _list([*ways, *(f"{HOW.get(how, how)} → {to}" for how, to in step.leads)])


def _list(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_told(one)}" for key, one in value.items())  # pyright: ignore[reportUnknownVariableType]  plain data
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType]  same
