"""What is due is done: every deadline is a row, claimed when its time has come (design §6, PR9)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from bot.model import DueKind, Stage
from bot.services import (
    attendance,
    calls,
    closing,
    desk,
    dispatch,
    erasure,
    handing_over,
    idleness,
    joining,
    old_lines,
    queueing,
    quiet,
    recalling,
    shift_ends,
    silence,
)
from bot.services.apart import together_or_apart
from bot.services.entries import Purpose, window_of
from bot.services.giving_back import give_back_of_the_gone
from bot.services.house import House
from bot.services.leaving import end_place
from bot.services.locking import A_MOMENT, lock_queue, lock_what_is_free
from bot.services.messenger.calls import Call, ring
from bot.services.newcomers import IDLE
from bot.services.opening import keep, open_conversation, open_conversations
from bot.services.people_deadlines import FOR_PEOPLE
from bot.services.stepped_clock import keep_step
from bot.services.talk import Talk
from bot.services.unanswered import set_deadlines
from bot.store import tables as t
from bot.store.moments import month_of
from bot.store.writes import Writes
from channels.message import OutboundKind
from handoff.calls import CallReason
from handoff.model import HandoffState

Due = Row[*tuple[Any, ...]]
MOST_AT_ONCE = 100
FAILED_RESTS = timedelta(seconds=60) // timedelta(microseconds=1)
# A talk on a messenger may rest for hours; words are held a day at most (B-107).
LONGEST_SILENCE = timedelta(hours=24) // timedelta(microseconds=1)
STILL_THERE_EVERY = timedelta(minutes=5) // timedelta(microseconds=1)
HASHING_TAKES = timedelta(seconds=30) // timedelta(microseconds=1)


@dataclass(slots=True)
class DueDone:
    """What one round did, and what must follow outside the database.

    `next_at` is when the next row is due, told only by a round that found nothing due.
    """

    rows: int = 0
    next_at: int | None = None
    after: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    phrases: list[str] = field(default_factory=list[str])
    jobs: list[str] = field(default_factory=list[str])


def do_due(connection: Connection, house: House, now: int, *, leads: bool = True) -> DueDone:
    """Do what is due, oldest first; what a row asks for is written in the same commit that removes it.

    Periodic jobs are for the one process that `leads`. What another process is at is left for the next round.
    """
    keep_step(connection, house, now)
    found = connection.execute(_DUE if leads else _DUE_WITHOUT_JOBS, {"b_now": now}).all()
    rows = _free(connection, found)
    done = DueDone(rows=len(rows))
    if not rows:
        done.next_at = now + A_MOMENT if found else next_due(connection, leads=leads)
        return done
    hashing = [row for row in rows if row.kind == DueKind.COMPARE_PHRASE.value]
    steps = [row for row in rows if row.kind == DueKind.QUEUE_STEP.value]
    if hashing:
        ids = [row.id for row in hashing]
        connection.execute(update(t.due).where(t.due.c.id.in_(ids)).values(at=now + HASHING_TAKES))
    connection.execute(delete(t.due).where(t.due.c.id.in_([row.id for row in rows if row not in hashing])))
    done.phrases += [row.subject for row in hashing]
    done.jobs += [row.subject for row in rows if row.kind in _JOBS]
    put_off: list[Due] = []
    acts = [row for row in rows if row.kind in _ACTS]
    for writes in together_or_apart(
        connection, acts, lambda group: _do(connection, house, group, now), put_off.append
    ):
        done.after += writes.after
    for one in _desks_waiting(connection, [row.subject for row in steps]):
        if not lock_queue(connection, one):
            _set_again(connection, house, steps, now + A_MOMENT)
            continue
        for writes in together_or_apart(
            connection,
            [one],
            lambda desks: dispatch.step(connection, house, desks[0], now),
            lambda _: put_off.extend(steps),
        ):
            done.after += writes.after
    _put_off(connection, house, put_off, now)
    return done


def _do(connection: Connection, house: House, rows: list[Due], now: int) -> Writes:
    writes = Writes()
    for row in rows:
        kind = DueKind(row.kind)
        if kind is DueKind.PLACE_HELD_ENDS:
            end_place(connection, row.subject)
        elif kind is DueKind.ERASE_CONTACT:
            _erase_contact(connection, house, writes, row, now)
        elif kind in FOR_PEOPLE:
            FOR_PEOPLE[kind](connection, house, writes, row.subject, now)
        else:
            _for_conversation(connection, house, writes, _FOR_CONVERSATIONS[kind], row.subject, now)
    writes.flush(connection)
    return writes


def _put_off(connection: Connection, house: House, rows: list[Due], now: int) -> None:
    """What could not be done is tried again in a minute; the others did not wait for it."""
    if not rows:
        return
    _set_again(connection, house, rows, now + FAILED_RESTS)
    writes = Writes()
    writes.count(house.desk, month_of(now), "due.failed", len(rows))
    writes.flush(connection)


def _set_again(connection: Connection, house: House, rows: list[Due], at: int) -> None:
    writes = Writes()
    for row in rows:
        writes.set_due(house.identifiers.new_id(), row.kind, row.subject, at, row.version)
    writes.flush(connection)


def _free(connection: Connection, rows: Sequence[Due]) -> list[Due]:
    """Those rows whose conversation nobody else is at."""
    talks = list(dict.fromkeys(row.subject for row in rows if row.kind in _ABOUT_HER))
    free = lock_what_is_free(connection, talks, max(1, len(talks)))
    return [row for row in rows if row.kind not in _ABOUT_HER or row.subject in free]


def next_due(connection: Connection, *, leads: bool = True) -> int | None:
    """When the next row is due, None for none; whoever does not lead does not wait for periodic jobs."""
    return connection.execute(_NEXT if leads else _NEXT_WITHOUT_JOBS).scalar_one_or_none()


_JOBS = {DueKind.PERIODIC.value, DueKind.TURN_EPOCH.value}


_DUE = (
    select(t.due)
    .where(t.due.c.at <= bindparam("b_now"))
    .order_by(t.due.c.at)
    .limit(MOST_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_DUE_WITHOUT_JOBS = _DUE.where(t.due.c.kind.not_in(_JOBS))
_NEXT = select(t.due.c.at).order_by(t.due.c.at).limit(1)
_NEXT_WITHOUT_JOBS = _NEXT.where(t.due.c.kind.not_in(_JOBS))


def unguarded(connection: Connection) -> list[str]:
    """Hand-offs that wait or are live without any stored deadline: must be empty (PR9)."""
    waiting = (
        select(t.handoff.c.id)
        .where(
            t.handoff.c.state == HandoffState.WAITING.value,
            ~select(t.due.c.id)
            .where(t.due.c.kind == DueKind.QUEUE_STEP.value, t.due.c.subject == t.handoff.c.id)
            .exists(),
        )
    )  # fmt: skip
    return list(connection.execute(waiting).scalars())


def in_hand(connection: Connection) -> tuple[int, int]:
    """How many wait and how many are live, for gauges that count in steps."""
    query = select(t.handoff.c.state, func.count()).group_by(t.handoff.c.state)
    numbers = {row[0]: row[1] for row in connection.execute(query)}
    return numbers.get(HandoffState.WAITING.value, 0), numbers.get(HandoffState.ACTIVE.value, 0)


def insert_periodic(connection: Connection, house: House, job: str, at: int) -> None:
    """A periodic job is due then; one that waits already is moved there."""
    writes = Writes()
    writes.set_due(house.identifiers.new_id(), DueKind.PERIODIC.value, job, at)
    writes.flush(connection)


def repair(connection: Connection, house: House, now: int) -> int:
    """Watchdog: whoever waits without a deadline gets one now; returns how many there were."""
    missing = unguarded(connection)
    writes = Writes()
    for handoff in missing:
        writes.set_due(house.identifiers.new_id(), DueKind.QUEUE_STEP.value, handoff, now)
    writes.flush(connection)
    old_lines.repair(connection, house, now)
    give_back_of_the_gone(connection, house, now)
    joining.part_with_the_gone(connection, house, now)
    return len(missing) + _repair_live(connection, house, now) + _repair_endless(connection, house, now)


def _repair_live(connection: Connection, house: House, now: int) -> int:
    """Live chats whose last word is hers and that nobody would take back."""
    live = t.handoff.c
    guarded = select(t.due.c.id).where(
        t.due.c.kind == DueKind.TAKE_BACK.value, t.due.c.subject == live.conversation
    )
    ids = connection.execute(
        select(live.conversation).where(live.state == HandoffState.ACTIVE.value, ~guarded.exists())
    ).scalars()
    writes = Writes()
    missing = 0
    for opened in open_conversations(connection, house, list(ids)).values():
        if opened.state.hers_since:
            missing += 1
            set_deadlines(Talk(connection, house, writes, opened, now))
    writes.flush(connection)
    return missing


def _repair_endless(connection: Connection, house: House, now: int) -> int:
    """Chats and places without a deadline that ends them when she stays away."""
    chat, due = t.handoff.c, t.due.c
    ends = select(due.id).where(due.kind == DueKind.IDLE_CLOSE.value, due.subject == chat.conversation)
    open_ones = chat.state.in_([HandoffState.WAITING.value, HandoffState.ACTIVE.value])
    missing = connection.execute(select(chat.conversation).where(open_ones, ~ends.exists())).scalars().all()
    writes = Writes()
    for conversation in missing:
        identifier = house.identifiers.new_id()
        writes.set_due(identifier, DueKind.IDLE_CLOSE.value, conversation, now + IDLE)
    writes.flush(connection)
    return len(missing)


def _desks_waiting(connection: Connection, handoffs: list[str]) -> list[str]:
    if not handoffs:
        return []
    query = select(t.handoff.c.desk).where(t.handoff.c.id.in_(handoffs)).distinct()
    return list(connection.execute(query).scalars())


def _for_conversation(
    connection: Connection,
    house: House,
    writes: Writes,
    act: Callable[[Talk], None],
    conversation: str,
    now: int,
) -> None:
    opened = open_conversation(connection, house, conversation)
    # What came due together with the end must not end it once more: its deletions are still to be done.
    if opened is None or (opened.stage is Stage.CLOSED and act is not _erase_conversation):
        return
    talk = Talk(connection, house, writes, opened, now)
    act(talk)
    if opened.stage is not Stage.CLOSED:
        keep(writes, opened)
    writes.flush(connection)


def _wait_news(talk: Talk) -> None:
    """Honest wait news, only inside her window and only while she waits (B-093, PR4)."""
    opened, state = talk.opened, talk.opened.state
    if opened.stage is not Stage.WAITING or not state.handoff:
        return
    kind = OutboundKind.EDIT if state.quiet else OutboundKind.NEW
    if state.checked and window_of(talk, kind, Purpose.NEWS) > talk.now:
        script = recalling.script_of(talk)
        queueing.tell_wait(talk, script, queueing.waiting_ahead(talk), Purpose.NEWS)
    identifier = talk.house.identifiers.new_id()
    talk.writes.set_due(identifier, DueKind.WAIT_NEWS.value, opened.id, talk.now + queueing.WAIT_NEWS_EVERY)


def _nudge(talk: Talk) -> None:
    state = talk.opened.state
    if talk.opened.stage is Stage.LIVE and (state.hers_since or state.unanswered):
        talk.writes.after.append(("alert", "nudge", state.handoff))
        holder = select(t.handoff.c.person).where(
            t.handoff.c.id == state.handoff, t.handoff.c.person.is_not(None)
        )
        holders = talk.connection.execute(holder).scalars().all()
        about = f"{state.handoff}:{state.hers_since}"
        ring(talk.connection, talk.house, Call.NUDGE, holders, about, talk.now)


def _alert_supervisor(talk: Talk) -> None:
    state = talk.opened.state
    if talk.opened.stage is Stage.LIVE and state.hers_since:
        raised = calls.Raised(talk.opened.desk, state.handoff, CallReason.UNANSWERED)
        calls.raise_all(talk.connection, talk.house, talk.writes, [raised], talk.now)
        talk.count("live.supervisor_alerted")


def _take_back(talk: Talk) -> None:
    """Ten minutes without an answer: back to the head of her urgency, with an honest line (PR9).

    Three without a first word: whoever accepted is not there, which counts like an offer she missed.
    """
    state = talk.opened.state
    if not state.hers_since:
        return
    holder = _holder(talk) if state.unanswered else None
    _back_to_the_queue(talk, "live.expired" if state.unanswered else "live.taken_back")
    if holder is not None:
        gone = attendance.missed(talk.connection, [holder])
        talk.writes.after += [("alert", "away", person) for person in gone]


def _holder(talk: Talk) -> str | None:
    query = select(t.handoff.c.person).where(t.handoff.c.id == talk.opened.state.handoff)
    return talk.connection.execute(query).scalar()


def _holder_gone(talk: Talk) -> None:
    """Whoever held it is shut out or signed out: nobody reads what she writes (PR9)."""
    _back_to_the_queue(talk, "live.holder_gone")


def _back_to_the_queue(talk: Talk, counted: str) -> None:
    state = talk.opened.state
    if talk.opened.stage is not Stage.LIVE:
        return
    row = talk.connection.execute(select(t.handoff).where(t.handoff.c.id == state.handoff)).one_or_none()
    if row is None or row.state != HandoffState.ACTIVE.value or row.facts_sealed is None:
        return
    # She who was silent did not refuse: she may take it again later (handoff.transitions.take_back).
    facts = queueing.open_facts(talk.opened.key, row.id, row.facts_sealed)
    desk.return_to_queue(talk, row, facts, "word.returned_to_queue")
    talk.count(counted)


def _idle_close(talk: Talk) -> None:
    """Nobody there: on the web the page is dead; elsewhere the guide closes without a word (B-099)."""
    opened = talk.opened
    over = idleness.over_at(opened)
    # On a messenger her place and her talk stay, and closing has a deadline of its own: this one only stands
    # behind it, and is set anew when she goes on instead (`conversation`).
    on_messenger = opened.channel != "web"
    closing_now = on_messenger and opened.stage is Stage.CLOSING
    stays = on_messenger and (
        opened.stage in {Stage.WAITING, Stage.LIVE} and opened.last_act_at + LONGEST_SILENCE > talk.now
    )
    if over > talk.now or stays or closing_now:
        identifier = talk.house.identifiers.new_id()
        at = max(over, talk.now + (LONGEST_SILENCE if closing_now else STILL_THERE_EVERY))
        talk.writes.set_due(identifier, DueKind.IDLE_CLOSE.value, opened.id, at)
        return
    idleness.close(talk)


def _erase_conversation(talk: Talk) -> None:
    if talk.opened.stage is Stage.CLOSED:
        erasure.finish_if_deleted(talk)
    else:
        closing.close_now(talk)


_FOR_CONVERSATIONS: dict[DueKind, Callable[[Talk], None]] = {
    DueKind.WAIT_NEWS: _wait_news,
    DueKind.NUDGE: _nudge,
    DueKind.ALERT_SUPERVISOR: _alert_supervisor,
    DueKind.TAKE_BACK: _take_back,
    DueKind.HOLDER_GONE: _holder_gone,
    DueKind.TAKEOVER_UNANSWERED: handing_over.unanswered,
    DueKind.SHIFT_ENDS: shift_ends.look,
    DueKind.SILENCE: silence.look,
    DueKind.COVER_SHOWN_TEXT: quiet.clear_screen,
    DueKind.IDLE_CLOSE: _idle_close,
    DueKind.CLOSE_ANYWAY: closing.close_now,
    DueKind.ANSWER_AGAIN: recalling.answer_again,
    DueKind.ERASE_CONVERSATION: _erase_conversation,
    DueKind.DELETE_OLD_LINES: old_lines.remove,
}
_ABOUT_HER = {kind.value for kind in _FOR_CONVERSATIONS}
_ACTS = {
    DueKind.PLACE_HELD_ENDS.value,
    DueKind.ERASE_CONTACT.value,
    *_ABOUT_HER,
    *(kind.value for kind in FOR_PEOPLE),
}


def _erase_contact(
    connection: Connection, house: House, writes: Writes, row: Row[tuple[str, ...]], now: int
) -> None:
    again = erasure.erase_contact(connection, house, writes, row.subject, now)
    if again is not None:
        writes.set_due(house.identifiers.new_id(), DueKind.ERASE_CONTACT.value, row.subject, again)
