"""Quiet mode: one status message, shown text goes again, only the last exchange stays (design §4)."""

from datetime import timedelta

from bot.model import DueKind, Stage
from bot.services.entries import Body, Purpose, post
from bot.services.talk import Talk
from channels.message import OutboundKind, Speaker

SHOWN_FOR = timedelta(seconds=60) // timedelta(microseconds=1)
SHOW = "!show"
HIDE = "!hide"


def clear_screen(talk: Talk) -> None:
    """Remove what is on her screen of the exchange before; the status message stays."""
    state = talk.opened.state
    if not state.screen or not state.quiet:
        return
    for whose, name, remote in state.screen:
        remove_line(talk, whose, name, remote)
    state.screen.clear()
    talk.writes.drop_due(DueKind.COVER_SHOWN_TEXT.value, talk.opened.id)


def remove_line(talk: Talk, whose: str, name: str, remote: str = "") -> None:
    """Have one line taken from her screen, where the network can; it lights nothing up."""
    caps = talk.house.channels.get(talk.opened.channel)
    if caps is not None and not (caps.deletes_ours if whose == "ours" else caps.deletes_hers):
        return
    speaker = Speaker.GUIDE if whose == "ours" else Speaker.HER
    body = Body(target=name, target_remote=remote or None, language=talk.language, speaker=speaker.value)
    post(talk, body, Purpose.DELETION, kind=OutboundKind.DELETE)


def note_shown(talk: Talk, whose: str, name: str, remote: str = "") -> None:
    """Remember that an entry of ours ("ours") or an act of hers ("hers") is on her screen.

    Until the safe check is answered nobody knows whether it will be quiet: then too.
    """
    if talk.opened.state.quiet or not talk.checked:
        talk.opened.state.screen.append([whose, name, remote])


def ensure_status(talk: Talk) -> None:
    """In the queue or live, have the one status message; only ever within an answer to her act."""
    state = talk.opened.state
    waits = talk.opened.stage in {Stage.WAITING, Stage.LIVE}
    if state.quiet and talk.checked and waits and not state.status:
        state.status = post(talk, _status(talk, "word.status_quiet_one"), Purpose.STATUS)


def tell_silently(talk: Talk) -> None:
    """Something is kept for her: edit the status message, which lights no screen."""
    state = talk.opened.state
    if state.status:
        body = _status(talk, "word.status_quiet_more", target=state.status)
        post(talk, body, Purpose.STATUS, kind=OutboundKind.EDIT)


def calm_status(talk: Talk) -> None:
    """What was kept is shown: the status message goes back to one dot."""
    state = talk.opened.state
    if state.status:
        body = _status(talk, "word.status_quiet_one", target=state.status)
        post(talk, body, Purpose.STATUS, kind=OutboundKind.EDIT)


def cover_later(talk: Talk) -> None:
    """Shown text goes after 60 seconds, if she has not tapped before."""
    identifier = talk.house.identifiers.new_id()
    talk.writes.set_due(identifier, DueKind.COVER_SHOWN_TEXT.value, talk.opened.id, talk.now + SHOWN_FOR)


def leave_quiet(talk: Talk) -> None:
    """She says she is alone now: nothing is tracked any longer, and the status message goes."""
    state = talk.opened.state
    if state.status:
        remove_line(talk, "ours", state.status)
    state.quiet, state.status = False, ""
    state.screen.clear()


def _status(talk: Talk, key: str, target: str | None = None) -> Body:
    words = talk.house.library.words(talk.language)
    return Body(
        text=words(key),
        choices=[[SHOW, words("word.show_label"), "1"], [HIDE, words("word.hide_label"), "9"]],
        language=talk.language,
        target=target,
    )
