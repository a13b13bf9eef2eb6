"""The end of a conversation: announced, one question, then erased (design §4 "Close", B-100)."""

from datetime import timedelta

from sqlalchemy import select

from bot.model import DueKind, InboxState, Stage
from bot.services import erasure, held, notes_left
from bot.services.leaving import leave_handoff
from bot.services.opening import address_of
from bot.services.talk import Talk
from bot.store import tables as t
from bot.store.notices import Word
from triage.run import Run

# Unanswered: everything is removed soon in quiet mode, else the last card stays until a day has passed.
QUIET_CLOSE = timedelta(minutes=15) // timedelta(microseconds=1)
LAST_CARD_STAYS = timedelta(hours=24) // timedelta(microseconds=1)
LAST_WORDS_TAKE = timedelta(minutes=1) // timedelta(microseconds=1)
A_TURN_TAKES = timedelta(seconds=5) // timedelta(microseconds=1)


def begin(talk: Talk) -> None:
    """A volunteer's chat has ended; the guide asks its one question and waits for the answer."""
    talk.opened.stage = Stage.CLOSING
    _close_in(talk, QUIET_CLOSE if talk.opened.state.quiet else LAST_CARD_STAYS)


def end(talk: Talk) -> None:
    """The script has ended: the last words still go out, then the conversation is erased.

    The entries of this very turn must reach her first, so erasing waits for the outbox (at most a minute).
    """
    leave_handoff(talk, keep_place=False)
    talk.opened.stage = Stage.CLOSING
    _close_in(talk, LAST_WORDS_TAKE)


def reconsider(talk: Talk, before: Run | None) -> None:
    """She acted while the conversation was closing: it goes on where she went, or waits for her answer again.

    `before` is her place before the act.
    """
    opened, run = talk.opened, talk.opened.state.run
    if opened.stage is Stage.CLOSED or run is None or run.over:
        return  # gone, or ended just now
    asked_again = before is not None and not before.over and before.step == run.step
    if opened.stage is Stage.CLOSING and asked_again:
        begin(talk)
        return
    if opened.stage is Stage.CLOSING:
        opened.stage = Stage.TRIAGE
    talk.writes.drop_due(DueKind.CLOSE_ANYWAY.value, opened.id)


def close_now(talk: Talk) -> None:
    """Erase a conversation whose closing question was answered or has waited long enough.

    Not while an act of hers is unread: it is answered first (PR1).
    """
    talk.writes.flush(talk.connection)
    if has_unread(talk):
        _close_in(talk, A_TURN_TAKES)
        return
    held.move_to_record(talk)
    notes_left.move_to_record(talk)
    leave_handoff(talk, keep_place=False)
    address = address_of(talk.connection, talk.house, talk.opened)
    state = talk.opened.state
    # "Leave the numbers" holds though a last question stays unanswered. Whoever said nothing, or is watched,
    # keeps nothing on the screen.
    run = state.run
    chosen = run is not None and (run.over or run.answers.get("numbers") == "leave")
    leaves_numbers = chosen and not state.quiet
    erasure.erase_conversation(talk, address, cards_stay=leaves_numbers)
    if address is not None and not leaves_numbers:
        talk.writes.after.append(("leave", address.channel, address.handle))
        talk.writes.elsewhere.append((Word.LEAVE, talk.opened.id))
    talk.count("conversation.closed")


def _close_in(talk: Talk, wait: int) -> None:
    identifier = talk.house.identifiers.new_id()
    talk.writes.set_due(identifier, DueKind.CLOSE_ANYWAY.value, talk.opened.id, talk.now + wait)


def has_unread(talk: Talk) -> bool:
    """Whether an act of hers waits for its answer."""
    new = select(t.inbox.c.id).where(
        t.inbox.c.conversation == talk.opened.id, t.inbox.c.state == InboxState.NEW.value
    )
    return talk.connection.execute(new).first() is not None
