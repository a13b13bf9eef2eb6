"""The end of a shift with a chat open: a warning, time to finish, then she is asked (B-098, rota.md §3.8).

A quarter of an hour before the end the volunteer is told, in her pane and by a ring: finish, or hand over.
Half an hour of overtime is hers; then the guide asks the woman whether another person may take over
(`handing_over`), and a supervisor is called, again every quarter of an hour while it lasts. What the woman
says holds: nobody is switched under her without a word.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from bot.model import DueKind, Stage
from bot.services import calls, handing_over, people, questions
from bot.services.house import House
from bot.services.messenger.calls import Call, ring
from bot.services.questions import Asking
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.moments import from_moment, to_moment
from handoff.model import HandoffState, Tier

MICROSECOND: Final = timedelta(microseconds=1)
WARNED_BEFORE: Final = timedelta(minutes=15) // MICROSECOND
OVERTIME: Final = timedelta(minutes=30) // MICROSECOND
CALLED_EVERY: Final = timedelta(minutes=15) // MICROSECOND
LOOKS_EVERY: Final = timedelta(minutes=10) // MICROSECOND
"""The rota may change under an open chat: a shift cut short is noticed within this time."""
PIECES: Final = 8  # most duties that follow each other without a break


def look(talk: Talk) -> None:
    """Where the shift of the volunteer who has this chat stands now, and what follows from it."""
    opened, state = talk.opened, talk.opened.state
    if opened.stage is not Stage.LIVE:
        return
    chat = t.handoff.c
    holder = talk.connection.execute(
        select(chat.person).where(chat.id == state.handoff, chat.state == HandoffState.ACTIVE.value)
    ).scalar_one_or_none()
    if holder is None:
        return
    alias = people.alias_of(talk.connection, talk.house, holder)
    ends = end_of(talk.house, opened.desk, alias, talk.now)
    # Off duty by now: since the end that was known, or since this moment if the rota was changed.
    state.shift_end = ends if ends is not None else min(state.shift_end or talk.now, talk.now)
    if talk.now < state.shift_end - WARNED_BEFORE:
        _look_again(talk, state.shift_end - WARNED_BEFORE)
    elif talk.now < state.shift_end + OVERTIME:
        _warn(talk, holder)
        _look_again(talk, state.shift_end + OVERTIME)
    else:
        _too_long(talk)
        _look_again(talk, state.overtime_called + CALLED_EVERY)


def end_of(house: House, desk: str, alias: str, now: int) -> int | None:
    """When this person's duty at the desk ends, duties that follow each other as one; None if off duty."""
    board, ends = house.library.boards.get(desk), None
    if board is None:
        return None
    moment, name = from_moment(now), alias.casefold()
    for _ in range(PIECES):
        mine = [
            one.end
            for one in board.there_at(moment)
            if one.volunteer.casefold() == name and one.tier is not Tier.SHADOW
        ]
        if not mine:
            break
        ends = moment = max(mine)
        if to_moment(moment) > now + WARNED_BEFORE + LOOKS_EVERY:
            break  # far enough away for this look
    return None if ends is None else to_moment(ends)


def _look_again(talk: Talk, at: int) -> None:
    due = talk.house.identifiers.new_id()
    at = min(max(at, talk.now + 1), talk.now + LOOKS_EVERY)
    talk.writes.set_due(due, DueKind.SHIFT_ENDS.value, talk.opened.id, at)


def _warn(talk: Talk, holder: str) -> None:
    state = talk.opened.state
    if state.shift_warned == state.shift_end:
        return
    state.shift_warned = state.shift_end
    about = f"{state.handoff}:{state.shift_end}"
    ring(talk.connection, talk.house, Call.SHIFT_ENDS, [holder], about, talk.now)
    talk.count("live.shift_ends")


def _too_long(talk: Talk) -> None:
    state = talk.opened.state
    if state.overtime_called and talk.now < state.overtime_called + CALLED_EVERY:
        return
    state.overtime_called = talk.now
    if questions.asked(talk) is not Asking.PASS_ON and not handing_over.stays(talk):
        handing_over.begin(talk)
    talk.writes.after.append(("alert", "supervisor", state.handoff))
    about = f"{state.handoff}:{talk.now}"
    at, joins = talk.opened.desk, state.handoff
    calls.ring_supervisors(talk.connection, talk.house, at, about, talk.now, joins=joins)
    talk.count("live.overtime")
