"""The engine: a reply in, a turn out. Pure and total.

It never raises for anything she does, answers every kind of reply at every place, and asks the host for a
bounded number of effects. `hide`, `stop` and `help now` work everywhere (PR5). News of the host that no one
waits for (`HandoffOutcome`, `PhraseOutcome`) has no effect at all: the guide never writes first (PR4).
"""

from dataclasses import replace
from typing import assert_never

from triage import words
from triage.actions import act, ask_for_person, open_menu, take_mark
from triage.answering import take_token
from triage.choices import (
    WAITING_KINDS,
    ask,
    offered as offered_at,
    person_label as label_of_person,
    tell_languages,
)
from triage.effects import OfferedChoice, Speak, TextKept
from triage.gates import first_handoff, gate_step, is_unsafe
from triage.language import choose_language, fold
from triage.matching import is_picture, keep_text, matched, miss, writes_unread
from triage.model import GRID_ROUNDS, CheckPhrase, GlobalAction, Handoff, Script, Tag
from triage.run import (
    Aside,
    HandoffNews,
    HandoffOutcome,
    Opened,
    PhraseOutcome,
    Reply,
    Run,
    SentMedia,
    Surroundings,
    Tapped,
    Turn,
    Typed,
)
from triage.steps import go, stays_live
from triage.walk import Walk

_FROM_NOWHERE = (
    GlobalAction.HIDE,
    GlobalAction.STOP,
    GlobalAction.HELP_NOW,
    GlobalAction.PERSON,
    GlobalAction.MENU,
)


def start(script: Script, language: str | None, surroundings: Surroundings) -> Turn:
    """Begin a run at the script's start.

    Args:
        script: the published revision.
        language: the tag she chose earlier, if any; else the client's tag decides, else the source language.
        surroundings: facts of the moment.
    """
    walk = Walk(script, new_run(script, language, surroundings), surroundings)
    walk.over = False
    go(walk, script.start)
    return walk.turn()


def new_run(script: Script, language: str | None, surroundings: Surroundings) -> Run:
    """A run that has not begun. `resume` it with her first reply: her very first words count too."""
    chosen = choose_language(script.languages, language, surroundings.client_language)
    return Run(script.id, script.start, chosen, over=True)


def offered(script: Script, run: Run, surroundings: Surroundings) -> tuple[OfferedChoice, ...]:
    """What is offered to her now, for the host's own words; () where the run has no place."""
    walk = Walk(script, run, surroundings)
    return offered_at(walk) if not run.over and _has_place(walk) else ()


def person_label(script: Script, run: Run, surroundings: Surroundings) -> str:
    """Text key of what a way to a person is called now, for the host's own choices."""
    return label_of_person(Walk(script, run, surroundings))


def resume(script: Script, run: Run, reply: Reply, surroundings: Surroundings) -> Turn:
    """Take one reply. Total: see the module.

    A run that is over, or that has not begun, starts afresh with any act of hers. A run that stands at a
    step this script does not have (its revision was recalled, PR10) goes to the menu.
    """
    walk = Walk(script, run, surroundings)
    if isinstance(reply, HandoffOutcome):
        _hear_of_handoff(walk, reply.news)
    elif isinstance(reply, PhraseOutcome):
        _hear_of_phrase(walk, found=reply.found)
    elif walk.over or not _has_place(walk):
        _begin_again(walk, reply)
    else:
        _take(walk, reply)
    return walk.turn()


def wait_again(script: Script, run: Run) -> Run:
    """The person who was there is gone and another is asked for: she waits, with the guide (B-007).

    She keeps her place in the queue and what she reads meanwhile.
    """
    asked = script.steps.get(run.handoff or "")
    if not run.live or asked is None or not isinstance(asked.kind, Handoff):
        return run
    there = asked.kind.accepted
    step = asked.id if run.step == there else run.step
    back = asked.id if run.return_to == there else run.return_to
    return replace(run, live=False, step=step, return_to=back, aside=Aside.NONE, misses=0)


def _take(walk: Walk, reply: Tapped | Typed | SentMedia | Opened) -> None:
    match reply:
        case Tapped(token):
            if not take_mark(walk, token) and not take_token(walk, token):
                ask(walk)  # a choice of an older message: no miss
        case Typed(text):
            _take_text(walk, text)
        case SentMedia():
            _take_media(walk)
        case Opened():
            _open_afresh(walk)
        case _:
            assert_never(reply)


def _take_text(walk: Walk, text: str) -> None:
    folded = fold(text)
    action = _global_word(walk, folded)
    if action is not None:
        act(walk, action)
        return
    if not folded and not any(letter.isalnum() for letter in text):
        _take_media(walk) if is_picture(text) else miss(walk)
        return
    token = matched(walk, folded) if folded else None
    if token is not None:
        _ = take_mark(walk, token) or take_token(walk, token)
    elif len(folded) == 1 and folded.isdigit():
        miss(walk)
    else:
        keep_text(walk, text)


def _global_word(walk: Walk, folded: str) -> GlobalAction | None:
    if not folded:
        return None
    client = walk.surroundings.client_language
    languages = (walk.language, client) if client else (walk.language,)
    return walk.surroundings.words.recognise_folded(folded, languages)


def _take_media(walk: Walk) -> None:
    walk.media += 1
    if walk.media >= 2:
        ask_for_person(walk)
    else:
        walk.aside = Aside.MEDIA
        walk.speak(words.MEDIA, offered_at(walk))


def _open_afresh(walk: Walk) -> None:
    """Ask the safe questions again; what was shown before comes back only after them."""
    if gate_step(walk.script, Tag.SAFE_CHECK) is None:
        ask(walk)
        return
    if Tag.NOTICE not in walk.passed:
        walk.restart()
        go(walk, walk.script.start)
        return
    if Tag.SAFE_CHECK in walk.passed:
        walk.return_to = walk.step
    walk.passed -= {Tag.SAFE_CHECK}
    walk.goal = None
    walk.trail = ()
    go(walk, walk.script.start, keep_way=False)


def _begin_again(walk: Walk, reply: Tapped | Typed | SentMedia | Opened) -> None:
    """Answer at no place at all: a run that is over, or one whose step this script does not have."""
    action = _wanted(walk, reply)
    if action is GlobalAction.HIDE or action is GlobalAction.STOP:
        act(walk, action)
        return
    was_over = walk.over
    if was_over:
        walk.restart()
    else:
        _drop_unknown_places(walk)
    if action is not None:
        act(walk, action)
        return
    unread = False
    if isinstance(reply, Typed) and any(letter.isalpha() for letter in reply.text):
        walk.effects.append(TextKept())
        unread = writes_unread(walk, reply.text)
        if len(reply.text.split(maxsplit=3)) > 3 and not (unread and was_over):
            walk.speak(words.KEPT_EARLY, step=walk.script.start)
    if was_over:
        go(walk, walk.script.start)
        if unread and not walk.over:  # in place of the first question, which comes after her choice
            asked = f"{walk.step}.text"
            walk.effects = [one for one in walk.effects if not (isinstance(one, Speak) and one.key == asked)]
            tell_languages(walk)
    elif isinstance(reply, Opened) and Tag.NOTICE not in walk.passed:
        _open_afresh(walk)
    else:
        if isinstance(reply, Opened):
            walk.passed -= {Tag.SAFE_CHECK}
            walk.trail = ()
        open_menu(walk)


def _wanted(walk: Walk, reply: Reply) -> GlobalAction | None:
    """The global action she wants, where nothing is offered and digits other than 9 mean nothing."""
    match reply:
        case Typed(text):
            folded = fold(text)
            found = GlobalAction.HIDE if folded == "9" else _global_word(walk, folded)
        case Tapped(token):
            found = next((action for action in _FROM_NOWHERE if token == f"!{action}"), None)
        case _:
            found = None
    return found if found in _FROM_NOWHERE else None


def _has_place(walk: Walk) -> bool:
    step = walk.script.steps.get(walk.step)
    return step is not None and (isinstance(step.kind, WAITING_KINDS) or stays_live(walk, step))


def _drop_unknown_places(walk: Walk) -> None:
    steps = walk.script.steps
    walk.trail = tuple(step for step in walk.trail if step in steps)
    walk.return_to = walk.return_to if walk.return_to in steps else None
    walk.handoff = (
        walk.handoff if walk.handoff in steps else first_handoff(walk.script) if walk.handoff else None
    )
    walk.step = walk.step if walk.step in steps else walk.script.start
    walk.aside = Aside.NONE


def _hear_of_handoff(walk: Walk, news: HandoffNews) -> None:
    """Go where the outcome leads, wherever she is; a person who is there is always announced (B-007)."""
    asked = walk.handoff
    if news is HandoffNews.ACCEPTED or (asked is not None and asked not in walk.script.steps):
        asked = asked if asked in walk.script.steps else first_handoff(walk.script)
    kind = walk.script.steps[asked].kind if asked is not None else None
    if walk.over or not isinstance(kind, Handoff):
        return
    walk.live = news is HandoffNews.ACCEPTED
    walk.handoff = asked if walk.live else None
    target: str = getattr(kind, news.value)
    if is_unsafe(walk):  # shown after the safe check, not before
        walk.return_to = target
    else:
        go(walk, target)


def _hear_of_phrase(walk: Walk, *, found: bool) -> None:
    step = walk.script.steps.get(walk.step)
    if walk.over or step is None or not isinstance(step.kind, CheckPhrase) or len(walk.grid) < GRID_ROUNDS:
        return
    go(walk, step.kind.found if found else step.kind.unknown)
