"""Global actions: they work everywhere, typed whole or tapped (design §4)."""

from typing import assert_never

from triage import words
from triage.choices import ABOUT_HIDING, LEAVE, RETURN, ask, offered, open_aside, tell_of_hiding
from triage.effects import EraseAll, HideAll, LeaveQueue, ShowHeld, WaitHere
from triage.gates import (
    destination,
    emergency_step,
    is_unsafe,
    menu_step,
    missing_gate,
    pass_read_notice,
    person_step,
)
from triage.model import GlobalAction
from triage.run import Aside
from triage.steps import finish, go
from triage.walk import Walk

PREFIX = "!"


def act(walk: Walk, action: GlobalAction) -> None:  # noqa: C901 - one match over the actions
    """Do what a global action does, from anywhere."""
    match action:
        case GlobalAction.HIDE:
            finish(walk)
            walk.effects.append(HideAll())
        case GlobalAction.STOP:
            finish(walk)
            walk.effects.append(EraseAll())
        case GlobalAction.HELP_NOW:
            _help_now(walk)
        case GlobalAction.PERSON:
            ask_for_person(walk)
        case GlobalAction.MENU:
            open_menu(walk)
        case GlobalAction.BACK:
            _go_back(walk)
        case GlobalAction.LANGUAGE:
            open_aside(walk, Aside.LANGUAGE)
        case GlobalAction.MORE:
            open_aside(walk, Aside.MORE)
        case GlobalAction.PERSON_OFF:
            _leave(walk)
        case GlobalAction.SHOW:
            _show_held(walk)
        case GlobalAction.WAIT:
            _wait_here(walk)
        case _:
            assert_never(action)


def take_mark(walk: Walk, token: str) -> bool:
    """Act on a tapped token of a global action, "!<name>"; False if it names none."""
    if not token.startswith(PREFIX):
        return False
    if token == RETURN:
        ask(walk)
        return True
    if token == LEAVE:
        _leave(walk)
        return True
    if token == ABOUT_HIDING:
        tell_of_hiding(walk)
        return True
    try:
        action = GlobalAction(token.removeprefix(PREFIX))
    except ValueError:
        return False
    act(walk, action)
    return True


def ask_for_person(walk: Walk) -> None:
    """Towards a person: through the gates still missing, then consent, or back to her place in the queue."""
    if walk.live or person_step(walk) is None:
        ask(walk)
        return
    pass_read_notice(walk)
    walk.goal = GlobalAction.PERSON
    go(walk, missing_gate(walk) or destination(walk))


def open_menu(walk: Walk) -> None:
    """To the menu, through the gates still missing."""
    pass_read_notice(walk)
    missing = missing_gate(walk)
    walk.goal = GlobalAction.MENU if missing is not None else None
    go(walk, missing or menu_step(walk.script))


def _help_now(walk: Walk) -> None:
    card = emergency_step(walk.script)
    if card is None:
        ask(walk)
    else:
        go(walk, card)


def _go_back(walk: Walk) -> None:
    trail = [step for step in walk.trail if step in walk.script.steps]
    if not trail:
        ask(walk)
        return
    walk.trail = tuple(trail[:-1])
    go(walk, trail[-1], keep_way=False)


def _leave(walk: Walk) -> None:
    if walk.handoff is None:
        ask(walk)
        return
    walk.effects.append(LeaveQueue())
    walk.handoff = None
    walk.live = False
    open_menu(walk)


def _show_held(walk: Walk) -> None:
    if is_unsafe(walk):  # nothing of before until she says that it is safe
        ask(walk)
    else:
        walk.effects.append(ShowHeld())


def _wait_here(walk: Walk) -> None:
    if walk.waits_for_person:
        walk.effects.append(WaitHere())
        walk.speak(words.WAIT_HERE, offered(walk))
    else:
        ask(walk)
