"""Which addresses are ours: told to whoever asks, so that a false hotline can be known (B-022, B-150)."""

from typing import Final

from bot.services import speech
from bot.services.acts import Act
from bot.services.effects import apply
from bot.services.talk import Talk
from channels.message import InboundKind
from triage import engine
from triage.choices import RETURN
from triage.model import Script, Tag
from triage.run import Tapped

COMMAND: Final = "/official"


def is_asked(act: Act) -> bool:
    """Whether she typed the command, and nothing else."""
    return act.kind == InboundKind.TEXT.value and act.text.strip().casefold() == COMMAND


def tell(talk: Talk, script: Script) -> None:
    """List them, and ask again what she was asked.

    Before the notice nothing is named: the list may hold the organisation's name, and whoever looks over her
    shoulder would read it (D-20).
    """
    state, library = talk.opened.state, talk.house.library
    noticed = talk.checked and state.run is not None and Tag.NOTICE.value in state.run.passed
    words = library.words(talk.language)
    if noticed and library.addresses:
        speech.tell_text(talk, "\n".join((words("word.official"), *library.addresses)))
    else:
        speech.tell_text(talk, words("word.official_early"))
    talk.count("official.asked")
    if state.handoff and state.alias:
        return  # she talks with a person: nothing was asked
    surroundings = library.surroundings(talk.opened.desk, talk.opened.channel, talk.at)
    run = state.run or engine.new_run(script, None, surroundings)
    apply(talk, script, engine.resume(script, run, Tapped(RETURN), surroundings))
