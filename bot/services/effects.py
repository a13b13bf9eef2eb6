"""Effects of a turn become rows (design §3 step 4): one match, complete by force.

Of what she answers only how the talk helped is counted. Age band, role, region, need, danger or anything a
script of its own asks would tell, in a small desk's month, why one woman wrote (PR6, F-2, F-4); so counters
in clear hold what the service did, never what anybody wrote about.
"""

from typing import assert_never

from bot.model import Stage
from bot.services import (
    callbacks,
    closing,
    erasure,
    her_words,
    hiding,
    live,
    notes_left,
    queueing,
    quiet,
    speech,
)
from bot.services.entries import Purpose
from bot.services.newcomers import move_windows
from bot.services.presence import WAIT_HERE
from bot.services.talk import Talk
from bot.services.unanswered import she_wrote
from triage import engine
from triage.effects import (
    Effect,
    EndRun,
    EraseAll,
    HideAll,
    LeaveQueue,
    LineClosed,
    PhraseChosen,
    PhraseTried,
    RaiseUrgency,
    Remembered,
    RequestCallback,
    RequestHandoff,
    SafetyAnswer,
    ShareResources,
    ShowHeld,
    Speak,
    TextKept,
    WaitHere,
)
from triage.model import Hide, Script
from triage.run import HandoffNews, HandoffOutcome, Turn

COUNTED_ANSWERS = frozenset({"helped"})
TELL = "tell"  # a script's `remember: {tell: supervisor}`
WAIT_HERE_FOR = int(WAIT_HERE.total_seconds() * 1_000_000)


def apply(talk: Talk, script: Script, turn: Turn, purpose: Purpose = Purpose.ANSWER) -> None:
    """Keep the run and turn its effects into rows; stops when the conversation is closed by one.

    `purpose` is NEWS when the turn does not answer an act of hers: quiet mode keeps it back.
    """
    talk.opened.state.run = turn.run
    asked = next((effect for effect in turn.effects if isinstance(effect, RequestHandoff)), None)
    refused = queueing.refused(talk, asked) if asked else None
    for effect in turn.effects:
        if asked and refused and isinstance(effect, Speak) and effect.step == asked.step:
            continue  # nobody is asked, so it is not said
        if isinstance(effect, RequestHandoff):
            if refused is not None:
                # What the turn meant to say while she waits does not fit: she does not wait.
                _tell(talk, script, refused)
                return
            queueing.request(talk, script, effect)
            continue
        _apply_one(talk, script, effect, purpose)
        if talk.opened.stage is Stage.CLOSED:
            return


def _apply_one(talk: Talk, script: Script, effect: Effect, purpose: Purpose) -> None:  # noqa: C901, PLR0912  one match over the effects
    state = talk.opened.state
    match effect:
        case Speak():
            speech.say(talk, script, effect, purpose)
        case ShareResources():
            speech.share(talk, effect)
        case RequestHandoff():
            raise AssertionError("a request for a person ends its turn; see apply")
        case LineClosed():
            _line_closed(talk)
        case LeaveQueue():
            live.send_away(talk, script) if talk.opened.stage is Stage.LIVE else queueing.leave(talk)
        case WaitHere():
            state.wait_until = talk.now + WAIT_HERE_FOR
        case ShowHeld():
            pass  # any act of hers releases what is held
        case TextKept():
            # Her words are kept in the inbox row itself; in a live chat the volunteer owes an answer (PR9).
            if talk.opened.stage is Stage.LIVE:
                she_wrote(talk)
        case RaiseUrgency():
            queueing.raise_to(talk, effect.urgency.value, f"step.{effect.reason}")
        case Remembered():
            if effect.key in COUNTED_ANSWERS:
                talk.count(f"answer.{effect.key}.{effect.code}")
            if effect.key == TELL and TELL not in state.cards:
                state.cards.append(TELL)  # once; not counted: a month's number would tell of one person
                talk.writes.after.append(("alert", "supervisor", ""))
            if state.handoff:
                queueing.tell_handoff(talk)
        case SafetyAnswer():
            _set_safety(talk, effect.answer)
        case PhraseChosen():
            her_words.compare_later(talk, effect.words, setting=True)
        case PhraseTried():
            her_words.compare_later(talk, effect.words)
        case RequestCallback():
            callbacks.answer(talk, effect)
        case HideAll():
            _remove_all(talk, script)
        case EraseAll():
            hiding.hide(talk, erase_contact=True)
        case EndRun():
            closing.end(talk)
        case _:
            assert_never(effect)


def _line_closed(talk: Talk) -> None:
    """She asked for a person and none can come: what she writes is a note. Counted once a chat."""
    if not talk.opened.state.noting:
        talk.count("handoff.out_of_hours")
    notes_left.begin(talk)


def _remove_all(talk: Talk, script: Script) -> None:
    """The word `hide`, or "remove all" at a normal close: that takes the screen, not the way back."""
    run = talk.opened.state.run
    step = script.steps.get(run.step) if run else None
    closes = step is not None and isinstance(step.kind, Hide)
    if closes:
        notes_left.move_to_record(talk)
    hiding.hide(talk, erase_contact=False, for_good=not closes)


def _tell(talk: Talk, script: Script, news: HandoffNews) -> None:
    run = talk.opened.state.run
    notes_left.begin(talk)
    if run is not None:
        surroundings = talk.house.library.surroundings(talk.opened.desk, talk.opened.channel, talk.at)
        surroundings = callbacks.around(talk, surroundings)
        apply(talk, script, engine.resume(script, run, HandoffOutcome(news), surroundings))


def _set_safety(talk: Talk, answer: str) -> None:
    state = talk.opened.state
    was, state.safety = state.safety, answer
    if answer == "alone":
        quiet.leave_quiet(talk)
    else:
        state.quiet = True
        if was == "alone":
            _clear_open_lines(talk)
    move_windows(talk.opened, talk.opened.last_act_at)


def _clear_open_lines(talk: Talk) -> None:
    """She was alone and is not any more: the lines of before go, where the network still shows them."""
    shown = {name for _, name, _ in talk.opened.state.screen}
    for whose, name, remote, _ in erasure.copies_to_delete(talk, without=shown):
        quiet.remove_line(talk, "ours" if whose == "guide" else "hers", name, remote)
