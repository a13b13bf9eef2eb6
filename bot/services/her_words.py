"""Her words on the grid: rows go from her screen as they are answered, words wait to be compared (design §4).

No word of hers stays where another could read it: not on the screen, and not in what a volunteer reads.
"""

from collections.abc import Iterable

from sqlalchemy import update

from bot.model import DueKind
from bot.services import quiet
from bot.services.talk import Talk
from bot.store import tables as t
from channels.message import DeliveryState
from triage.effects import OfferedChoice

GRID = "grid."


def note_row(talk: Talk, choices: Iterable[OfferedChoice], entry: str) -> None:
    """Remember an entry that offers a row of words."""
    if any(choice.token.startswith(GRID) for choice in choices):
        talk.opened.state.rows.append(entry)


def clear_rows(talk: Talk) -> None:
    """Take the rows from her screen: she answered, or went elsewhere."""
    state = talk.opened.state
    rows, state.rows = state.rows, []
    if not rows:
        return
    state.screen = [line for line in state.screen if line[1] not in rows]
    talk.connection.execute(
        update(t.outbox)
        .where(t.outbox.c.id.in_(rows), t.outbox.c.state == DeliveryState.HELD.value)
        .values(state=DeliveryState.CANCELLED.value, body_sealed=None)
    )
    for row in rows:
        quiet.remove_line(talk, "ours", row)


def compare_later(talk: Talk, words: Iterable[str], *, setting: bool = False, asked_by: str = "") -> None:
    """Hashing takes a tenth of a second: a due row has it done outside the writer thread, crash or not.

    `asked_by` is the hand-off whose volunteer asked, "" when the script did.
    """
    state = talk.opened.state
    state.tried = list(words)
    state.setting_phrase, state.asked_by = setting, asked_by
    identifier = talk.house.identifiers.new_id()
    talk.writes.set_due(identifier, DueKind.COMPARE_PHRASE.value, talk.opened.id, talk.now)
