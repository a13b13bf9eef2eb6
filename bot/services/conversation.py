"""The heart: one act of hers becomes one turn (design §3 step 3, §4).

The guide answers through the pure engine; in a live chat her words go to the volunteer; `hide`, `stop`,
`help now` and `person off` work everywhere. Nothing is sent from here: turns leave rows.
"""

from dataclasses import replace
from datetime import timedelta

from bot.model import DueKind, Stage
from bot.services import (
    asides,
    asking_words,
    blocking,
    callbacks,
    closing,
    danger,
    guests,
    handing_over,
    held,
    her_words,
    live,
    notes_left,
    official,
    questions,
    quiet,
    recalling,
)
from bot.services.acts import Act
from bot.services.effects import apply
from bot.services.newcomers import IDLE, move_windows
from bot.services.talk import Talk
from bot.services.unanswered import she_wrote
from channels.message import InboundKind
from triage import engine
from triage.danger import choices_in
from triage.effects import TextKept
from triage.language import fold_label
from triage.model import CheckPhrase, GlobalAction, Script, SetPhrase, Tag
from triage.run import Opened, Reply, Run, SentMedia, Tapped, Typed
from triage.told_once import told_once

LATE = timedelta(minutes=1) // timedelta(microseconds=1)


def take_turn(talk: Talk, act: Act, acted_at: int, waiting: tuple[held.Kept, ...]) -> None:
    """Answer one act. `waiting` are the entries held for her (PR4), oldest first.

    `acted_at` (microseconds) is when she acted: her windows begin there, not when we come to answer.
    """
    opened = talk.opened
    kind = InboundKind(act.kind)
    began_with = opened.revision
    script = recalling.script_of(talk)
    waiting = recalling.still_said(talk, began_with, waiting)
    if act.blocked and blocking.meets(talk, act):
        blocking.answer(talk, script, act, acted_at)
        return
    if kind is InboundKind.ARRIVED:
        _open_page(talk, script, act, acted_at)
        return
    if kind is InboundKind.ASIDE:
        asides.tell(talk, script, act, acted_at, waiting)
        return
    if kind in {InboundKind.EDIT, InboundKind.DELETE}:
        live.amend(talk, act)
        if kind is InboundKind.EDIT:
            danger.listen(talk, script, act.text, again=False)
        return
    if talk.now - acted_at > LATE:
        # She wrote long ago and we read it only now: what is kept for her must outlast the usual silence.
        _goes_idle_later(talk)
    move_windows(opened, acted_at)
    opened.state.acted_at, opened.state.soft_checked = max(acted_at, opened.state.acted_at), False
    opened.state.search_ended = False
    _answer(talk, script, act, waiting)
    if opened.stage is not Stage.CLOSED:
        quiet.ensure_status(talk)


def _answer(talk: Talk, script: Script, act: Act, waiting: tuple[held.Kept, ...]) -> None:
    """Her act goes to the volunteer, to the words a volunteer asks for, or to the guide."""
    opened, typed, knew = talk.opened, act.kind == InboundKind.TEXT.value, guests.knows(talk)
    act = questions.as_tapped(talk, asking_words.as_tapped(talk, script, _as_tapped(talk, act), waiting))
    asked, word = asking_words.is_asked(talk), asking_words.is_word(talk, act)
    if word or not asked:
        her_words.clear_rows(talk)
    quiet.clear_screen(talk)
    _note_hers(talk, script, act, word=word)
    checked = talk.checked
    outcome_told = checked and held.release(talk, waiting)
    if word:
        asking_words.take(talk, script, act)
    elif official.is_asked(act):
        official.tell(talk, script)
    elif handing_over.is_answer(talk, act):
        handing_over.answered(talk, act)
    elif opened.stage is Stage.LIVE and checked and not _for_the_guide(talk, script, act):
        live.hear(talk, script, act)
        asking_words.show_again(talk, script)
    else:
        _guide(talk, script, act, outcome_told=outcome_told)
        asking_words.guided(talk, script, act)
        if typed and checked and opened.stage is Stage.LIVE:
            she_wrote(talk)  # it may have been meant for the volunteer, who reads it too (PR9)
        if not checked and talk.checked:
            if talk.opened.state.returning:
                held.tell_recorded(talk)
            held.release(talk, waiting, answers=False)
    guests.after_her_act(talk, knew=knew)


def _note_hers(talk: Talk, script: Script, act: Act, *, word: bool) -> None:
    """Her line is on her screen; what is no text, and a word of her phrase, is taken from it at once."""
    secret = word or _gives_a_word(talk, script, act)
    if secret:
        live.withhold(talk, act)
    if secret or act.kind == InboundKind.MEDIA.value:
        quiet.remove_line(talk, "hers", act.external_id, act.remote_id or "")  # her own copy is untouched
    if not secret:
        quiet.note_shown(talk, "hers", act.external_id, act.remote_id or "")


def _open_page(talk: Talk, script: Script, act: Act, acted_at: int) -> None:
    """A page or chat opened afresh shows nothing old: the safe check comes first (B-011, B-020)."""
    opened, state = talk.opened, talk.opened.state
    held.keep_back(talk)
    guests.page_opened(talk)
    opened.view_sequence = opened.next_sequence
    asking_words.drop(talk)
    her_words.clear_rows(talk)
    _leave_old_screen(talk)
    if not state.setting_phrase:
        # Words given before are given again after the safe check: nobody is told anything before it.
        state.tried = []
        talk.writes.drop_due(DueKind.COMPARE_PHRASE.value, opened.id)
    # Opening a page is an act of hers, but until she says otherwise someone else may be looking.
    said, state.safety = state.safety, "unsure"
    move_windows(opened, acted_at)
    state.safety = said
    surroundings = talk.house.library.surroundings(opened.desk, opened.channel, talk.at, act.language)
    surroundings = callbacks.around(talk, surroundings)
    if state.run is None:
        apply(talk, script, engine.start(script, None, surroundings))
    else:
        apply(talk, script, engine.resume(script, state.run, Opened(), surroundings))


def _as_tapped(talk: Talk, act: Act) -> Act:
    """A digit typed right after a card means the card's choice, where there are no buttons.

    Not once the volunteer has written since: it may be the answer to a question (`desk.write` lets it lapse).
    """
    offered, talk.opened.state.offered = dict(talk.opened.state.offered), []
    token = offered.get(act.text.strip()) if act.kind == InboundKind.TEXT.value else None
    return replace(act, kind=InboundKind.CHOICE.value, choice=token) if token is not None else act


def _leave_old_screen(talk: Talk) -> None:
    """Nothing of before stays: a page is empty anyway, a messenger still shows the old lines."""
    opened, state = talk.opened, talk.opened.state
    caps = talk.house.channels.get(opened.channel)
    if state.quiet and caps is not None and not caps.wipes:
        for whose, name, remote in state.screen:
            quiet.remove_line(talk, whose, name, remote)
        if state.status:
            quiet.remove_line(talk, "ours", state.status)
    state.screen.clear()
    state.status = ""


def _guide(talk: Talk, script: Script, act: Act, *, outcome_told: bool) -> None:
    """The engine answers; whatever she writes first is met by the first step, and counts (design §4).

    `outcome_told`: what became of her request stands on her screen since this act, and its question with it.
    """
    opened, state = talk.opened, talk.opened.state
    surroundings = talk.house.library.surroundings(opened.desk, opened.channel, talk.at, act.language)
    surroundings = callbacks.around(talk, surroundings)
    reply, state.spoken_since = _reply(act), False
    before, closing_then = state.run, opened.stage is Stage.CLOSING
    run = before or engine.new_run(script, None, surroundings)
    turn = engine.resume(script, run, reply, surroundings)
    if any(isinstance(effect, TextKept) for effect in turn.effects):
        notes_left.add(talk, act)
    if isinstance(reply, Typed):  # help comes before anything else that is said to it
        state.run = turn.run
        danger.listen(talk, script, act.text, choices_in(turn.effects))
        turn = replace(turn, run=state.run)
    apply(talk, script, told_once(turn, run.step) if outcome_told else turn)
    if closing_then:
        closing.reconsider(talk, before)
        if opened.channel != "web" and opened.stage not in {Stage.CLOSING, Stage.CLOSED}:
            _goes_idle_later(talk)
    if opened.stage is Stage.CLOSED:
        return
    danger.offer_kept_back(talk, script)


def _goes_idle_later(talk: Talk) -> None:
    """The silence that ends a conversation begins anew."""
    identifier = talk.house.identifiers.new_id()
    talk.writes.set_due(identifier, DueKind.IDLE_CLOSE.value, talk.opened.id, talk.now + IDLE)


def _reply(act: Act) -> Reply:
    match InboundKind(act.kind):
        case InboundKind.CHOICE:
            return Tapped(act.choice or "")
        case InboundKind.MEDIA:
            return SentMedia()
        case _:
            return Typed(act.text)


def _for_the_guide(talk: Talk, script: Script, act: Act) -> bool:
    """In a live chat only these reach the guide: taps, the four words, and digits on the emergency card."""
    if act.kind == InboundKind.CHOICE.value:
        return True
    if act.kind != InboundKind.TEXT.value:
        return False
    # Hide and help now are known in every language; another language's `stop` may be a word to the volunteer.
    spoken = (talk.language, act.language) if act.language else (talk.language,)
    action = talk.house.library.globals.recognise(act.text, spoken)
    if action in {GlobalAction.HIDE, GlobalAction.HELP_NOW, GlobalAction.STOP, GlobalAction.PERSON_OFF}:
        return True
    return (
        act.text.strip().isdigit()
        and len(act.text.strip()) == 1
        and not talk.opened.state.spoken_since
        and _reads_a_card(talk.opened.state.run, script)
    )


def _gives_a_word(talk: Talk, script: Script, act: Act) -> bool:
    """She tapped a word of her phrase, typed its digit, or typed the word itself."""
    run = talk.opened.state.run
    step = script.steps.get(run.step) if run else None
    if run is None or step is None or not isinstance(step.kind, SetPhrase | CheckPhrase):
        return False
    if (act.choice or "").startswith(her_words.GRID) or act.text.strip().isdigit():
        return True
    surroundings = talk.house.library.surroundings(talk.opened.desk, talk.opened.channel, talk.at)
    words = (choice.label for choice in engine.offered(script, run, surroundings) if choice.label)
    return bool(act.text) and fold_label(act.text) in map(fold_label, words)


def _reads_a_card(run: Run | None, script: Script) -> bool:
    step = script.steps.get(run.step) if run else None
    return step is not None and Tag.EMERGENCY.value in step.tags
