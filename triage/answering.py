"""What her answer to a step's own choices does."""

from triage.choices import (
    CALLBACK,
    LANGUAGES_PAGE,
    NEXT,
    PAGE,
    ask,
    grid_rounds,
    open_aside,
    page_count,
    show,
)
from triage.effects import PhraseChosen, PhraseTried, RequestCallback, SafetyAnswer
from triage.gates import destination, leaves, missing_gate
from triage.model import (
    GRID_ROUNDS,
    GRID_WORDS,
    Ask,
    Callback,
    CheckPhrase,
    Choice,
    PickRegion,
    SetPhrase,
    Step,
    Tag,
)
from triage.run import Aside
from triage.steps import go
from triage.walk import Walk

ALONE = "alone"
SAFETY_ANSWERS = frozenset({ALONE, "seen", "unsure"})


def take_token(walk: Walk, token: str) -> bool:
    """Act on a tapped choice of the step she waits at, or of the list of languages.

    False if the token belongs to neither: an older step's, or garbage.
    """
    owner, _, rest = token.partition(".")
    if owner == "language" and walk.aside is Aside.LANGUAGE and rest in walk.script.languages:
        choose_own_language(walk, rest)
        return True
    if token == NEXT and walk.aside is Aside.LANGUAGE:
        walk.page = (walk.page + 1) % page_count(len(walk.script.languages), LANGUAGES_PAGE)
        show(walk)
        return True
    step = walk.here
    kind = step.kind
    match kind:
        case Ask() if owner == step.id:
            choice = next((one for one in kind.choices if one.id == rest), None)
            if choice is not None:
                _choose(walk, step, choice)
            return choice is not None
        case PickRegion():
            return _take_region(walk, step, kind, token)
        case Callback():
            return _take_callback(walk, step, kind, token)
        case SetPhrase() | CheckPhrase() if owner == "grid":
            return _take_grid_word(walk, kind, rest)
        case _:
            return False


def choose_own_language(walk: Walk, tag: str) -> None:
    """Go on in the language she picked, at the same place."""
    if tag != walk.language:
        walk.language = tag
        walk.grid = ()  # the words of another language are other words
        walk.remember({"language": tag})
    ask(walk)


def pick_region(walk: Walk, kind: PickRegion, code: str) -> None:
    """Remember the region and go on."""
    walk.remember({"region": code})
    go(walk, kind.to)


def _choose(walk: Walk, step: Step, choice: Choice) -> None:
    was_open = missing_gate(walk) is None
    target = walk.script.steps.get(choice.to)
    asks_more = False
    if Tag.SAFE_CHECK in step.tags:
        answer = choice.remember.get("safety", "unsure")
        answer = answer if answer in SAFETY_ANSWERS else "unsure"
        walk.effects.append(SafetyAnswer(answer))
        walk.passed |= {Tag.SAFE_CHECK.value}
        asks_more = answer != ALONE  # safer ways are offered first (B-012)
    walk.remember(choice.remember)
    if Tag.NOTICE in step.tags and (target is None or Tag.NOTICE not in target.tags):
        walk.passed |= {Tag.NOTICE.value}
    if Tag.CONSENT in step.tags:
        walk.passed |= {Tag.CONSENT.value}
    wanted = walk.goal is not None or walk.return_to is not None
    ends = target is not None and leaves(target)
    if wanted and not was_open and not ends and not asks_more and missing_gate(walk) is None:
        go(walk, destination(walk))
    else:
        go(walk, choice.to)


def _take_region(walk: Walk, step: Step, kind: PickRegion, token: str) -> bool:
    if token == f"{step.id}.skip":
        walk.forget(("region",))
        go(walk, kind.skip)
        return True
    if token == f"{step.id}.next":
        walk.page = (walk.page + 1) % page_count(len(walk.surroundings.regions), PAGE)
        ask(walk)
        return True
    owner, _, code = token.partition(".")
    if owner == "region" and code in walk.surroundings.regions:
        pick_region(walk, kind, code)
        return True
    return False


def _take_callback(walk: Walk, step: Step, kind: Callback, token: str) -> bool:
    """Hours that are still named are agreed to; others are asked about anew, with those that are."""
    if token == f"{step.id}.refused":
        walk.effects.append(RequestCallback("", {}))
        go(walk, kind.refused)
        return True
    owner, _, window = token.partition(".")
    if owner != CALLBACK:
        return False
    if window in (code for code, _ in walk.surroundings.callbacks):
        told = {key: code for key, code in walk.answers.items() if key.startswith(CALLBACK)}
        walk.effects.append(RequestCallback(window, told))
        go(walk, kind.agreed)
    elif walk.surroundings.callbacks:
        ask(walk)
    else:
        go(walk, kind.refused)
    return True


def _take_grid_word(walk: Walk, kind: SetPhrase | CheckPhrase, digit: str) -> bool:
    rounds = grid_rounds(walk)
    if len(walk.grid) >= GRID_ROUNDS or digit not in {str(number + 1) for number in range(GRID_WORDS)}:
        return False
    if not rounds:
        open_aside(walk, Aside.LOST)
        return True
    walk.grid = (*walk.grid, digit)
    walk.misses = 0
    if len(walk.grid) < GRID_ROUNDS:
        ask(walk)
        return True
    phrase = tuple(rounds[number][int(tapped) - 1] for number, tapped in enumerate(walk.grid))
    if isinstance(kind, SetPhrase):
        walk.effects.append(PhraseChosen(phrase))
        walk.answers = {**walk.answers, "phrase": "set"}
        walk.grid = ()
        go(walk, kind.to)
    else:
        walk.aside = Aside.NONE
        walk.effects.append(PhraseTried(phrase))  # the grid stays full: the outcome is awaited
    return True
