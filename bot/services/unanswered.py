"""Deadlines of a live chat whose last word is hers (PR9): 3, 6 and 10 minutes; at U0 1, 2 and 3."""

from bot.model import DueKind
from bot.services.talk import Talk
from bot.store.moments import from_moment, to_moment
from handoff.deadlines import DeadlineKind, Facts, deadlines
from handoff.model import HandoffState, Urgency

DUE = {
    DeadlineKind.NUDGE: DueKind.NUDGE,
    DeadlineKind.ALERT_SUPERVISOR: DueKind.ALERT_SUPERVISOR,
    DeadlineKind.TAKE_BACK: DueKind.TAKE_BACK,
}


def she_wrote(talk: Talk) -> None:
    """The last word is hers now; a further word of hers does not move what is already set."""
    if not talk.opened.state.hers_since:
        talk.opened.state.hers_since = talk.now
        set_deadlines(talk)


def set_deadlines(talk: Talk) -> None:
    """Set the three deadlines of the present silence, counted from its first word."""
    state = talk.opened.state
    since = from_moment(state.hers_since) if state.hers_since else talk.at
    facts = Facts(
        state=HandoffState.ACTIVE,
        urgency=Urgency(state.urgency),
        since=since,
        volunteer_spoke=not state.unanswered,
        unanswered_since=since,
    )
    for deadline in deadlines(facts):
        if deadline.kind in DUE:
            identifier = talk.house.identifiers.new_id()
            talk.writes.set_due(identifier, DUE[deadline.kind].value, talk.opened.id, to_moment(deadline.at))


def clear_deadlines(talk: Talk) -> None:
    """The volunteer has answered: the last word is not hers any more."""
    talk.opened.state.hers_since = 0
    for kind in DUE.values():
        talk.writes.drop_due(kind.value, talk.opened.id)
