"""What is offered at the place where she is, and asking for it.

Digits alone suffice: 1 to 8 are the step's own choices, 9 is always `hide`, 0 is always `more` (B-135).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from triage import words
from triage.effects import OfferedChoice
from triage.gates import handoff_behind, is_closed
from triage.model import (
    GRID_ROUNDS,
    GRID_WORDS,
    Ask,
    Callback,
    CheckPhrase,
    GlobalAction,
    Handoff,
    PickRegion,
    Script,
    SetPhrase,
    Step,
    Tag,
)
from triage.run import Aside
from triage.walk import ALWAYS_OFFERED, HIDE_CHOICE, Walk

CALLBACK: Final = "callback"  # what comes back for hours she picked, before their code
MOST_CALLBACKS: Final = 5  # hours offered at once
PAGE: Final = 6  # regions on one page; 7 turns the page, 8 skips
LANGUAGES_PAGE: Final = 7  # 8 turns the page
RETURN: Final = "!return"
LEAVE: Final = "!leave"
NEXT: Final = "!next"
ABOUT_HIDING: Final = "!about_hiding"

WAITING_KINDS: Final = (Ask, PickRegion, Handoff, Callback, SetPhrase, CheckPhrase)
RETURN_CHOICE: Final = OfferedChoice(RETURN, "0", words.RETURN_LABEL)
_LISTED: Final = (
    GlobalAction.HELP_NOW,
    GlobalAction.PERSON,
    GlobalAction.MENU,
    GlobalAction.BACK,
    GlobalAction.LANGUAGE,
    GlobalAction.STOP,
)


def global_choice(action: GlobalAction, digit: int) -> OfferedChoice:
    """A choice that stands for a global action."""
    return OfferedChoice(f"!{action}", str(digit), words.LABEL_OF[action])


_ACTIONS = tuple(global_choice(action, digit) for digit, action in enumerate(_LISTED, start=1))
_MORE = (*_ACTIONS, OfferedChoice(ABOUT_HIDING, "7", words.HIDE_HELP_LABEL))
_MORE_LIVE = (
    *_ACTIONS,
    global_choice(GlobalAction.PERSON_OFF, 7),
    OfferedChoice(ABOUT_HIDING, "8", words.HIDE_HELP_LABEL),
)
_LOST = (global_choice(GlobalAction.PERSON, 1), global_choice(GlobalAction.MENU, 2), *ALWAYS_OFFERED)
_MEDIA = (global_choice(GlobalAction.PERSON, 1), *ALWAYS_OFFERED)
WAITING_CHOICES: Final = (
    global_choice(GlobalAction.HELP_NOW, 1),
    global_choice(GlobalAction.WAIT, 2),
    global_choice(GlobalAction.MENU, 3),
    OfferedChoice(LEAVE, "4", words.LEAVE_LABEL),
    *ALWAYS_OFFERED,
)


def offered(walk: Walk) -> tuple[OfferedChoice, ...]:
    """What is offered now: the list she opened, or the choices of the step she waits at."""
    return _as_things_are(walk, _listed(walk))


def _listed(walk: Walk) -> tuple[OfferedChoice, ...]:
    match walk.aside:
        case Aside.NONE:
            return _own(walk)
        case Aside.MORE:
            return (*(_MORE_LIVE if walk.live else _MORE), HIDE_CHOICE, RETURN_CHOICE)
        case Aside.LANGUAGE:
            return (*_languages(walk), HIDE_CHOICE, RETURN_CHOICE)
        case Aside.LOST:
            return _LOST
        case Aside.MEDIA:
            return _MEDIA
        case Aside.QUEUE:
            return WAITING_CHOICES


def own_choices(walk: Walk) -> tuple[OfferedChoice, ...]:
    """The choices of the step she waits at, whatever is shown aside."""
    return _as_things_are(walk, _own(walk))


def person_label(walk: Walk) -> str:
    """What a way to a person is called now: while nobody can come, it only tells when (PR13)."""
    later = is_closed(walk) and walk.has_text(words.PERSON_LATER_LABEL)
    return words.PERSON_LATER_LABEL if later else words.PERSON_LABEL


def _as_things_are(walk: Walk, choices: tuple[OfferedChoice, ...]) -> tuple[OfferedChoice, ...]:
    """The same choices; while the line is closed none of them offers a person (`triage.gates`)."""
    if not is_closed(walk) or (label := person_label(walk)) == words.PERSON_LABEL:
        return choices
    to_person = _to_person(walk.script)
    return tuple(replace(one, key=label) if one.token in to_person else one for one in choices)


def _to_person(script: Script) -> frozenset[str]:
    """Tokens of every choice that asks for a person."""
    tokens: frozenset[str] | None = script.memo.get("to a person")
    if tokens is None:
        ways = {
            f"{step.id}.{choice.id}"
            for step in script.steps.values()
            for choice in (step.kind.choices if isinstance(step.kind, Ask) else ())
            if choice.to in script.steps and _asks_for_person(script, script.steps[choice.to])
        }
        tokens = script.memo["to a person"] = frozenset({*ways, f"!{GlobalAction.PERSON}"})
    return tokens


def _asks_for_person(script: Script, step: Step) -> bool:
    return Tag.PERSON in step.tags or handoff_behind(script, step) is not None


def _own(walk: Walk) -> tuple[OfferedChoice, ...]:
    step = walk.here
    kind = step.kind
    if isinstance(kind, Ask):
        return _fixed(walk, step, kind)
    if isinstance(kind, Callback):
        return (*_callbacks(walk), *ALWAYS_OFFERED)
    if isinstance(kind, PickRegion):
        return (*_regions(walk), *ALWAYS_OFFERED)
    if isinstance(kind, Handoff) and walk.waits_for_person:
        return WAITING_CHOICES
    if isinstance(kind, (SetPhrase, CheckPhrase)):
        return (*_grid(walk), *ALWAYS_OFFERED)
    return ALWAYS_OFFERED


def show(walk: Walk) -> None:
    """Say again what is shown now: the list she opened, or the question."""
    match walk.aside:
        case Aside.MORE:
            walk.speak(words.MORE, offered(walk))
        case Aside.LANGUAGE:
            walk.speak(words.LANGUAGE, offered(walk))
        case Aside.LOST:
            walk.speak(words.LOST, offered(walk))
        case Aside.NONE | Aside.MEDIA | Aside.QUEUE:
            ask(walk)


def ask(walk: Walk) -> None:
    """Ask the question of the step she waits at."""
    walk.aside = Aside.NONE
    step = walk.here
    key = f"{step.id}.text"
    if isinstance(step.kind, Handoff) and not walk.has_text(key):
        key = words.WAITING
    if isinstance(step.kind, (SetPhrase, CheckPhrase)):
        rounds = {"round": str(min(len(walk.grid) + 1, GRID_ROUNDS)), "rounds": str(GRID_ROUNDS)}
        if walk.grid and walk.has_text(words.PHRASE_ROW):
            key = words.PHRASE_ROW
        walk.speak(key, own_choices(walk), values=rounds)
    else:
        walk.speak(key, own_choices(walk))


def tell_of_hiding(walk: Walk) -> None:
    """Say what `hide` does and what it cannot undo (B-016); the list it was chosen from stays open."""
    walk.aside = Aside.MORE
    walk.speak(words.HIDE_HELP, (HIDE_CHOICE, RETURN_CHOICE))


def tell_languages(walk: Walk) -> None:
    """She writes in a language the guide does not know: those it knows, said in two of them."""
    walk.told_languages = True
    walk.aside = Aside.LANGUAGE
    walk.page = 0
    tags = walk.script.languages
    named = {"languages": ", ".join(_own_name(walk, tag) for tag in tags)}
    other = next((tag for tag in tags if tag != walk.language), None)
    if other is not None:
        walk.speak(words.OTHER_LANGUAGE, language=other, values=named)
    walk.speak(words.OTHER_LANGUAGE, offered(walk), values=named)


def open_aside(walk: Walk, aside: Aside) -> None:
    """Show a list instead of the step's own choices."""
    walk.aside = aside
    walk.page = 0
    show(walk)


def grid_rounds(walk: Walk) -> tuple[tuple[str, ...], ...]:
    """The words of the grid in her language, else in any; () if the host offers none."""
    for language in (walk.language, *walk.script.languages, *walk.surroundings.grid):
        rounds = walk.surroundings.grid.get(language, ())
        if len(rounds) >= GRID_ROUNDS and all(len(row) >= GRID_WORDS for row in rounds[:GRID_ROUNDS]):
            return rounds
    return ()


def region_label(walk: Walk, code: str) -> str:
    """A region's name in her language, else in the source language or English, else its code."""
    names = walk.surroundings.region_names
    for language in (walk.language, walk.script.languages[0], "en"):
        if (name := names.get(language, {}).get(code)) is not None:
            return name
    return code


def page_count(items: int, size: int) -> int:
    """Pages of a list; at least one."""
    return max(1, -(-items // size))


def _fixed(walk: Walk, step: Step, kind: Ask) -> tuple[OfferedChoice, ...]:
    memo: dict[str, tuple[OfferedChoice, ...]] = walk.script.memo.setdefault("choices", {})
    found = memo.get(step.id)
    if found is None:
        own = (
            OfferedChoice(f"{step.id}.{choice.id}", str(digit), f"{step.id}.{choice.id}")
            for digit, choice in enumerate(kind.choices, start=1)
        )
        found = memo[step.id] = (*own, *ALWAYS_OFFERED)
    return found


def _callbacks(walk: Walk) -> list[OfferedChoice]:
    """The hours the host names, then no."""
    named = walk.surroundings.callbacks[:MOST_CALLBACKS]
    offered = [
        OfferedChoice(f"{CALLBACK}.{code}", str(digit), "", label)
        for digit, (code, label) in enumerate(named, start=1)
    ]
    return [*offered, OfferedChoice(f"{walk.step}.refused", str(len(named) + 1), f"{walk.step}.refused")]


def _regions(walk: Walk) -> list[OfferedChoice]:
    codes = walk.surroundings.regions
    choices = _paged(
        walk, codes, PAGE, lambda code: OfferedChoice(f"region.{code}", "", "", region_label(walk, code))
    )
    if len(codes) > PAGE:
        choices.append(OfferedChoice(f"{walk.step}.next", "7", words.NEXT_LABEL))
    choices.append(OfferedChoice(f"{walk.step}.skip", "8", words.SKIP_LABEL))
    return choices


def _languages(walk: Walk) -> list[OfferedChoice]:
    tags = walk.script.languages
    size = LANGUAGES_PAGE if len(tags) > LANGUAGES_PAGE + 1 else len(tags)
    choices = _paged(
        walk, tags, size, lambda tag: OfferedChoice(f"language.{tag}", "", "", _own_name(walk, tag))
    )
    if size < len(tags):
        choices.append(OfferedChoice(NEXT, "8", words.NEXT_LABEL))
    return choices


def _own_name(walk: Walk, tag: str) -> str:
    entry = walk.script.texts.get(tag, {}).get(words.LANGUAGE_NAME)
    return entry.text if entry is not None else tag


def _paged(
    walk: Walk, items: Sequence[str], size: int, choice: Callable[[str], OfferedChoice]
) -> list[OfferedChoice]:
    first = walk.page % page_count(len(items), size) * size
    made = [choice(item) for item in items[first : first + size]]
    return [
        OfferedChoice(one.token, str(digit), one.key, one.label) for digit, one in enumerate(made, start=1)
    ]


def _grid(walk: Walk) -> list[OfferedChoice]:
    rounds = grid_rounds(walk)
    if not rounds or len(walk.grid) >= GRID_ROUNDS:
        return []
    row = rounds[len(walk.grid)][:GRID_WORDS]
    return [OfferedChoice(f"grid.{digit}", str(digit), "", word) for digit, word in enumerate(row, start=1)]
