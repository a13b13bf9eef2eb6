"""What has just been said is not said again: news that waited for her act, then the answer to that act.

Pure; the host and the simulator ask here. A question told as news a moment ago would otherwise stand twice
on her screen, word for word.
"""

from dataclasses import replace

from triage.effects import Effect, Speak
from triage.run import Turn


def told_once(turn: Turn, step: str) -> Turn:
    """The turn without the question of `step`, which she has just been asked.

    Its choices go to the words said before it in the same turn; where there are none, those of the news hold.
    A turn that leads elsewhere is left as it is.
    """
    key = f"{step}.text"
    at = next((n for n, one in enumerate(turn.effects) if isinstance(one, Speak) and one.key == key), None)
    if at is None or turn.run.step != step:
        return turn
    again = turn.effects[at]
    before: list[Effect] = list(turn.effects[:at])
    if isinstance(again, Speak) and before and isinstance(before[-1], Speak):
        before[-1] = replace(before[-1], choices=again.choices)
    return replace(turn, effects=(*before, *turn.effects[at + 1 :]))
