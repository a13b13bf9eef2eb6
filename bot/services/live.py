"""Her side of a live chat: what she writes reaches the volunteer, with deadlines for an answer (PR9)."""

from dataclasses import replace

from sqlalchemy import select, update

from bot.model import Stage
from bot.services import danger, speech
from bot.services.acts import Act, open_act, seal_act
from bot.services.erasure import drop_buffer
from bot.services.leaving import leave_handoff
from bot.services.talk import Talk
from bot.services.unanswered import she_wrote
from bot.store import tables as t
from channels.message import InboundKind
from handoff.model import Outcome
from triage.model import Script


def hear(talk: Talk, script: Script, act: Act) -> None:
    """Her words lie in the inbox under the conversation's key; the volunteer's page reads them there."""
    she_wrote(talk)
    talk.count("live.hers")
    if act.kind == InboundKind.MEDIA.value:
        speech.say_word(talk, script, "word.media")
        return
    danger.listen(talk, script, act.text)


def amend(talk: Talk, act: Act) -> None:
    """She edited or deleted a message of hers: what we hold is changed at once (B-147)."""
    if act.refers_to is None:
        return
    if act.kind == InboundKind.DELETE.value:
        _rewrite(talk, act.refers_to, kind=InboundKind.DELETE.value, text="")
    else:
        _rewrite(talk, act.refers_to, text=act.text)


def withhold(talk: Talk, act: Act) -> None:
    """A word of her phrase is nothing a volunteer may read: only that she acted is kept."""
    _rewrite(talk, act.external_id, kind=InboundKind.CHOICE.value, text="", choice=None)


def _rewrite(talk: Talk, external_id: str, **changes: str | None) -> None:
    digests = [d for _, d in talk.house.vault.external_indexes(talk.opened.channel, external_id)]
    row = talk.connection.execute(
        select(t.inbox.c.id, t.inbox.c.external_index, t.inbox.c.body_sealed).where(
            t.inbox.c.conversation == talk.opened.id,
            t.inbox.c.external_index.in_(digests),
            t.inbox.c.body_sealed.is_not(None),
        )
    ).first()
    if row is None:
        return
    index = bytes(row.external_index)
    act = replace(open_act(talk.opened.key, index, row.body_sealed), **changes)
    talk.connection.execute(
        update(t.inbox)
        .where(t.inbox.c.id == row.id)
        .values(body_sealed=seal_act(talk.opened.key, index, act))
    )


def send_away(talk: Talk, script: Script) -> None:
    """`person off`: the volunteer and she are told (B-007), the guide is back; the buffer goes now."""
    leave_handoff(talk, keep_place=False)
    talk.count(f"handoff.closed.{Outcome.SHE_LEFT.value}")
    talk.opened.stage = Stage.TRIAGE
    drop_buffer(talk)
    speech.say_word(talk, script, "word.volunteer_left")
