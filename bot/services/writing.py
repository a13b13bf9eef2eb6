"""Words of a volunteer, or of a guest, on their way to her: cleaned, looked at, inside her window or held."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from bot.model import DueKind
from bot.services import guests, held, quiet, speech
from bot.services.claims import DeskRefusal, Flagged, finish, held_by, locked
from bot.services.entries import Body, Purpose, post
from bot.services.house import House
from bot.services.talk import Talk
from bot.services.unanswered import clear_deadlines
from channels.message import Speaker
from handoff.deadlines import SOFT_CHECK_AFTER
from handoff.flags import flags
from handoff.relay import NotRelayed, Reply, to_her

LINE_LENGTH = 4_000  # characters, where the channel tells no limit
SILENT_FOR = SOFT_CHECK_AFTER // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a volunteer's words: entry id, and whether they wait for her next act."""

    entry: str
    held: bool


def write(
    connection: Connection,
    house: House,
    handoff: str,
    person: str,
    version: int,
    text: str,
    now: int,
    *,
    anyway: bool = False,
) -> Written:
    """Words to her who is named, by the one who holds the chat or has joined it, under an alias.

    Raises Flagged when there is something to look at first; `anyway` sends it as it is.
    """
    talk, name = speaker(connection, house, handoff, person, version, now)
    state = talk.opened.state
    caps = house.channels.get(talk.opened.channel)
    line = to_her(Reply(text), caps.max_text if caps else LINE_LENGTH, house.library.topics(talk.language))
    if isinstance(line, NotRelayed):
        raise DeskRefusal(line.reason.value)
    if not anyway and (found := flags(text, line.flagged, speech.knows_number(talk))):
        raise Flagged(found)
    until = held.relay_until(talk)
    keeps_back = held.keeps_back(talk) or until <= now
    entry = ""
    for part in line.parts:
        body = Body(text=part, speaker=Speaker.PERSON.value, name=name, language=talk.language, protect=True)
        entry = post(talk, body, Purpose.RELAY, until=until, held=keeps_back, claim=(version, person))
    if keeps_back and state.quiet and talk.opened.edit_until > now:
        quiet.tell_silently(talk)
    state.unanswered, state.said_at = False, now
    talk.writes.set_due(house.identifiers.new_id(), DueKind.SILENCE.value, talk.opened.id, now + SILENT_FOR)
    if not keeps_back:
        state.offered, state.spoken_since = [], True
    clear_deadlines(talk)
    talk.count("live.volunteers")
    finish(talk)
    return Written(entry, keeps_back)


def speaker(
    connection: Connection, house: House, handoff: str, person: str, version: int, now: int
) -> tuple[Talk, str]:
    """Who holds the chat, or has joined it and she knows: the chat, and the name she is told."""
    talk, row = locked(connection, house, handoff, now)
    visits = row is not None and row.claim_version == version and guests.is_guest(row, person)
    if not visits or row is None or talk is None:
        mine, _ = held_by(talk, row, person, version)
        return mine, mine.opened.state.alias
    visit = guests.visit_of(connection, house, row, talk.opened)
    if visit is None or not visit.told:
        raise DeskRefusal("NOT_TOLD_YET")
    return talk, visit.alias
