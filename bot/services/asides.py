"""What a channel has the guide say for it, in answer to an act of hers (PR4).

A message of hers that could not be opened, a device nobody knew: she is told in neutral words, by the same
door as everything else. Where nobody proved that it was she who acted, her windows stay as they are and the
word has a short one of its own.
"""

from bot.services import held, quiet
from bot.services.acts import Act
from bot.services.entries import Body, Purpose, post
from bot.services.newcomers import move_windows
from bot.services.presence import MICROSECOND, OBSERVED
from bot.services.speech import HostValues
from bot.services.talk import Talk
from channels.message import HER_OWN_ACTS, Aside
from triage import engine
from triage.effects import Speak
from triage.model import Script
from triage.rendering import render

SHOWN_WITHIN = OBSERVED // MICROSECOND


def tell(talk: Talk, script: Script, act: Act, acted_at: int, waiting: tuple[held.Kept, ...]) -> None:
    """Say the word of an aside; an unknown one says nothing."""
    try:
        aside = Aside(act.choice or "")
    except ValueError:
        talk.count("aside.unknown")
        return
    opened = talk.opened
    if aside in HER_OWN_ACTS:
        move_windows(opened, acted_at)
    surroundings = talk.house.library.surroundings(opened.desk, opened.channel, talk.at, act.language)
    run = opened.state.run or engine.new_run(script, None, surroundings)
    speak = Speak(step=run.step, key=f"word.{aside.value}")
    said = render(script, run.language, opened.channel, speak, HostValues(talk, {}))
    if not said.text:  # a revision of before the word was known
        talk.count("text.placeholder_missing")
        return
    body = Body(text=said.text, language=run.language, aside=True)
    until = max(acted_at + SHOWN_WITHIN, opened.new_until if aside in HER_OWN_ACTS else 0)
    quiet.note_shown(talk, "ours", post(talk, body, Purpose.ANSWER, until=until))
    if aside in HER_OWN_ACTS and talk.checked:
        held.release(talk, waiting)
