"""The volunteer takes by herself: whoever is next, or one chat more than her limit, once (rota.md §3.7)."""

from sqlalchemy import Connection, select

from bot.services import attendance, desk, dispatch, people
from bot.services.desk import DeskRefusal
from bot.services.house import House
from bot.services.looking_again import look_again
from bot.services.peeking import peek
from bot.services.permissions import Action, Thing, rights_of
from bot.services.searches import search_of
from bot.store import tables as t
from bot.store.moments import from_moment
from handoff.eligibility import told
from handoff.model import HandoffState, LoadClass, Refusal
from handoff.queue import order

NOBODY_WAITS = "NOBODY_WAITS"


def take_next(connection: Connection, house: House, person: str, now: int) -> tuple[str, int]:
    """Take whoever is first in the queue and may be hers; returns hand-off and claim version.

    Raises DeskRefusal: NOBODY_WAITS, or why the first who waits is not hers; ALREADY_TAKEN when somebody
    was faster, and then the next one is a press away.
    """
    rights = rights_of(connection, person)
    rows = [
        row
        for row in connection.execute(
            select(t.handoff).where(t.handoff.c.state == HandoffState.WAITING.value)
        ).all()
        if rights.may(Action.TAKE, Thing.LIVE_CHAT, row.desk)
    ]
    opened = peek(connection, house, [row.conversation for row in rows])
    chats = [(row, opened[row.conversation]) for row in rows if row.conversation in opened]
    refusals = dispatch.may_take_which(connection, house, chats, person, now)
    queue = order((search_of(house, *chat).waiting for chat in chats), from_moment(now))
    allowed = next((one.handoff for one in queue if refusals[one.handoff] is None), None)
    if allowed is not None:
        return allowed, desk.accept(connection, house, allowed, person, now)
    first = refusals[queue[0].handoff] if queue else None
    raise DeskRefusal(NOBODY_WAITS if first is None else told(first))


def take_one_more(connection: Connection, house: House, person: str, now: int) -> None:
    """One chat beyond her limit, once, because she says that she can.

    Raises DeskRefusal for a trainee, who holds one chat. Beside a chat of high risk it gives her none.
    """
    attendance.lock(connection, [person])
    day = from_moment(now).date()
    if people.get(connection, house, person).profile.class_on(day) is LoadClass.TRAINEE:
        raise DeskRefusal(Refusal.CAPACITY)
    attendance.change(connection, person, one_more=True)
    look_again(connection, now)
